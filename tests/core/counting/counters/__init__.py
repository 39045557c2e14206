"""Tests of detector.core.counting.counters: a bounded, exact table of closed words."""
