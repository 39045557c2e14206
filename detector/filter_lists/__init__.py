"""Baits and served names against real filter lists (extra `[baits]`)."""
