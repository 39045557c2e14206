"""Counts in the metrics that an owner has already: one module for each library."""
