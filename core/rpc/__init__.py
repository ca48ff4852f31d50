"""Management commands: one registry, reached by every transport (JSON-RPC, binrpc, MI) and by `kaheactl`.

Here live the registry and the commands of the server itself. Transports and encoders are modules; nothing here knows
a socket.
"""
