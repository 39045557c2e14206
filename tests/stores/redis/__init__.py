"""Tests of detector.stores.redis: what only Redis does."""
