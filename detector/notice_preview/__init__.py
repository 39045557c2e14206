"""`detector notice preview`: every mode on a sample page, with the owner's own settings."""
