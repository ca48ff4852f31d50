"""The one error of locks: they were used in a way that would hang or corrupt. A dead holder is no error."""


class LockError(RuntimeError):
    """Taken twice by one process, released without being held, used before init or after destroy, or none to be had."""
