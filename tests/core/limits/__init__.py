"""Tests of detector.core.limits."""
