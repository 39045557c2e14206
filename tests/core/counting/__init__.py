"""Tests of detector.core.counting."""
