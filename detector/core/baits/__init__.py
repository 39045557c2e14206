"""The pool of baits, and what one site picks from it on one day."""
