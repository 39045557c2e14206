"""Tests of detector.stats.counters: a bounded, exact table of closed words."""
