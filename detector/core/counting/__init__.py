"""Counters in memory, and how they are written to a store."""
