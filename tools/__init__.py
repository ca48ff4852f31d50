"""Programs beside the server: kaheactl and the benchmark drivers. They talk to a running server over its sockets."""
