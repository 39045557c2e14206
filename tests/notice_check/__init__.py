"""Tests of detector.notice_check."""
