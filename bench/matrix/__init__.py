"""Environments × detectors in one run: `bench/matrix/run`."""
