"""Tests of detector.core.notice."""
