"""Tests of `detector lists diff`."""
