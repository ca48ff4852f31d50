"""The native kernel: one C file and header a data structure, reached through `native.py`.

Nothing here decides; whatever has a policy lives in the Python packages above. Folders, each using those before it:

    (here)    what everything stands on: spans and codes (kh.h), addresses, signals, fault injection
    shared/   what lives in shared memory: segment, processes, locks, allocator, counters, timer wheel, tables, tasks
    parse/    bytes to an indexed message
    edit/     what is to change in a message, and the build of what is sent
    conn/     connections of streams: the table, framing, what came and what is to leave
    net/      sockets, datagrams, the way out, where a message goes, forwarding without state
    uloc/     contacts and the location table
    tm/       transactions
"""
