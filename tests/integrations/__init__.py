"""Tests of what is in integrations/."""
