"""Counts in Redis and Redis Cluster (extra `[redis]`)."""
