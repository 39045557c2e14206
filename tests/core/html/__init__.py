"""Tests of detector.core.html."""
