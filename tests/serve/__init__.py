"""Tests of detector.serve."""
