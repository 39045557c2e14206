"""The options of one site: names, defaults, checks, and where values come from."""
