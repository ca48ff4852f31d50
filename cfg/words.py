"""A list of words written as one text: for the tables of the grammar."""


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())
