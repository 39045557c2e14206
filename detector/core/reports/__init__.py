"""Tokens of pages and views, and the small reports that come back."""
