"""`detector audit` without a browser: which pages, and what is written."""
