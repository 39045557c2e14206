"""The pool of baits, and one site's choice from it for the day."""
