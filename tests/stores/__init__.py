"""Tests of detector.stores: one behaviour, in SQLite, PostgreSQL, Redis and Redis Cluster."""
