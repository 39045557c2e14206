"""Tests of detector.stores.postgres: what only PostgreSQL does."""
