"""One file a family of commands; each has a `register(group)` that adds them to the command line."""
