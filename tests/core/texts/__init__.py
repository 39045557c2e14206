"""Tests of detector.core.texts."""
