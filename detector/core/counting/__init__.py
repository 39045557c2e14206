"""Counts in memory, and their way to a store."""
