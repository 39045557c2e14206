"""Stores that break while a site is visited: what pages notice of it, and what is counted after."""
