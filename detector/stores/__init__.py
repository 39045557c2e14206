"""Where counts are kept: one package for each kind of store, loaded by name."""
