"""Tests of detector.demo: the demo newspaper."""
