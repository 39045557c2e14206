"""Stores of counts: one package for each kind, loaded by dotted name."""
