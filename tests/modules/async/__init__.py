"""async: as a script, in a running server, as Kamailio."""
