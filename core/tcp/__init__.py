"""SIP over connections: the processes that own them.

    setup.py       main process: the table of connections, the channels between processes, the limits
    keeper.py      "tcp main process": accepts, and has a second descriptor of every connection
    receiver.py    "tcp receiver": owns connections: reads, routes, writes
    connection.py  one connection in its receiver
    outbox.py      descriptors on their way to another process

What a connection is to all processes, and how any of them sends, is C: src/conn/conn.h, wqueue.h, src/net/stream.h.
"""
