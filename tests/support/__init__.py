"""Helpers for tests that talk to a running server: network namespace, server process, SIP client, sipp.

They know the server from outside only: its command line, its log, its sockets.
"""
