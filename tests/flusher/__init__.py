"""Tests of detector.stats.flusher: counts reach the store once, whatever happens."""
