"""What runs in the web process of a site; imports nothing of the rest of the package."""
