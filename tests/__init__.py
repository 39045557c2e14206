"""Unit tests: no browser, no network."""
