"""Locks and lock sets by the devel guide's names, over `src/lock` and two library back ends."""
