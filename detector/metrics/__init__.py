"""Counts in the owner's metrics system: one module for each library."""
