"""Kahea: a SIP server in Python, configured and operated like Kamailio."""

__version__ = "0.1.0"
