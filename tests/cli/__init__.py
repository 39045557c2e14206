"""Tests of detector.cli."""
