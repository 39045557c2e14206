"""Our own URLs: what each answers, and what it counts."""
