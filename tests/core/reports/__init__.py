"""Tests of detector.core.reports."""
