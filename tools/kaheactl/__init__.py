"""`kaheactl`: operate a running server from the shell.

It talks JSON-RPC to module jsonrpcs and SIP to the sockets, as any outsider; nothing of the server is imported.
"""
