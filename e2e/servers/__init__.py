"""Examples, commands and apps behind real servers."""
