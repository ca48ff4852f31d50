"""The configuration language: preprocessor, scanner, parser, compiler to Python. Knows no message and no socket."""
