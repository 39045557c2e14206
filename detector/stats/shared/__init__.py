"""Limits that hold over all processes of a site that share a store (option `shared_limits`)."""
