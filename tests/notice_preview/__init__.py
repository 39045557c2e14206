"""Tests of detector.notice_preview."""
