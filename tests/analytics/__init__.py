"""Tests of detector.analytics."""
