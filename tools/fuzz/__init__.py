"""Coverage-guided fuzzing of the parser and the message builder: `make fuzz FUZZ_TIME=60`.

Each fuzz_*.c is one target; `corpus/` holds what they start from, and every input that once broke something.
"""
