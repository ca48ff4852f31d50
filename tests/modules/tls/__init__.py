"""Tests of the module tls."""
