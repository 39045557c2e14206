"""Stores that hold 25 months of several sites: how long questions and the daily joining take."""
