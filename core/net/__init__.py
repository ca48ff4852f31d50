"""Transport: which addresses we listen on, which names are ours, how names become addresses.

Nothing here knows a message; sending and building are src/net/sendq.h and core.msg.
"""
