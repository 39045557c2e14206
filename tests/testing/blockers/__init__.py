"""Blockers without a browser: names, lists, what is kept."""
