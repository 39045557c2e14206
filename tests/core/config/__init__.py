"""Tests of detector.core.config."""
