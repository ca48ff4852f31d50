"""The tables that modules expect, as data (standard.tables), and how a database gets them.

A table is described once; each driver's Dialect turns that into its own DDL (ddl.py). `kaheactl db create` runs it
(manage.py).
"""

from .ddl import create_table
from .manage import SchemaError, create, drop, present
from .tables import Column, Key, Table, standard_tables

__all__ = ["Column", "Key", "SchemaError", "Table", "create", "create_table", "drop", "present", "standard_tables"]
