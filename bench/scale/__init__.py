"""Many processes that share one store: rows, writes per second, and whether all counts arrive."""
