"""A message between receiving and sending: routing it, editing it (lumps, destination set), building, forwarding.

What walks bytes is in src/ (lump.h, build.h, stateless.h); no module is known here.
"""
