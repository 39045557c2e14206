"""Find page views whose ads are blocked, and ask politely; imports no framework."""

__version__ = "0.1.0"
