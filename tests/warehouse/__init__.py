"""Tests of detector.warehouse: exports of every store, read by the engines of warehouses."""
