"""The life of the process tree: main supervises, children receive, run timers or serve management.

Nothing here knows SIP beyond calling `receive_msg`, nor any module beyond the loader's list.
"""
