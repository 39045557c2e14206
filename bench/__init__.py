"""Sizes and speed of the detector, as ratios within one run: `scripts/bench`."""
