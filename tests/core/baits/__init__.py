"""Tests of detector.core.baits."""
