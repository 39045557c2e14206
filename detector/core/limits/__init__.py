"""How often one client counts, in one process and over all that share a store."""
