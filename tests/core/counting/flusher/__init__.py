"""Tests of detector.core.counting.flusher: counts reach the store once, whatever happens."""
