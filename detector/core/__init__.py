"""The part that runs in a site's web process; imports nothing from the rest of the package."""
