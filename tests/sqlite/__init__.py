"""Tests of detector.stats.sqlite and of opening a store by its option."""
