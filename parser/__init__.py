"""Reading SIP: messages, URIs, header bodies, as Python sees what `src/` has parsed.

Here lives what knows the grammar of RFC 3261 and its extensions; nothing here sends, edits, routes or keeps state.
"""
