"""Tests of detector.filter_lists."""
