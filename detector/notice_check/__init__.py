"""`detector notice check`: what keeps a notice from being seen, read or allowed."""
