"""Limits on how often one client counts, per process and across processes sharing a store."""
