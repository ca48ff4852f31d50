"""The bodies of headers as Python values: a file a header, or a family of like ones; `table.py` says who reads which.

A parser here takes the bytes of a body and returns a value or raises BadHeader. It knows no message.
"""
