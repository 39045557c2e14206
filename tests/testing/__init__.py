"""Tests of detector.testing."""
