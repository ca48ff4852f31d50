"""A database in a file of the test."""

from kahea.tests.core.db.conftest import sqlite

__all__ = ["sqlite"]
