"""Real open-source apps, each served plain and with the detector by one process of its own."""
