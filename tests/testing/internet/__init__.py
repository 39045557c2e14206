"""Tests of detector.testing.internet: the closed test internet."""
