"""Benchmark of the message parser: `python -m kahea.tools.bench.parser.main` or `make bench-parser`."""
