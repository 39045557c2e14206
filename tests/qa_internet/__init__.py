"""Tests of detector.qa.internet: the closed test internet."""
