"""Receiving, parsing and processing reports."""
