"""Counts in PostgreSQL (extra `[postgres]`)."""
