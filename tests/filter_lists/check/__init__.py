"""`detector baits check`: which baits live in filter lists, and whether a served name is hit."""
