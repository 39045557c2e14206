"""Tests of detector.doctor."""
