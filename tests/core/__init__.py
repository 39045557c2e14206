"""Tests of what runs in the web process."""
