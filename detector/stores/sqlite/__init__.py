"""Counts in a SQLite file."""
