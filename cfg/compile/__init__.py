"""Tree to Python: the checks that need the whole script, the emitters, and what compiled routes call at run time."""
