"""Tests of detector.dashboard: figures, exports, sign-in, mounts, without a browser."""
