"""What all metrics libraries share: the labels and the help text."""

from __future__ import annotations

LABELS = ("kind", "browser", "device", "mode", "reason")
"""Only closed dimensions: no path group, variant or locale becomes a label."""

HELP = "Events that adblock-detector counted"
