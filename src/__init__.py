"""The native kernel: one C file and header a data structure, reached through `native.py`.

Nothing here decides; whatever has a policy lives in the Python packages above.
"""
