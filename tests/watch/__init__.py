"""Tests of detector.watch."""
