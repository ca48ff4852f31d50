"""Shared and private memory by the devel guide's names, over `src/arena`."""
