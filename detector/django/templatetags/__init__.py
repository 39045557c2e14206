"""Template tags, found by Django through this folder's name."""
