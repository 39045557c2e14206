"""Tests of detector.stores.sqlite.store and of opening a store by its option."""
