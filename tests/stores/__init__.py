"""Tests of detector.stats.store: one behaviour, in SQLite, PostgreSQL, Redis and Redis Cluster."""
