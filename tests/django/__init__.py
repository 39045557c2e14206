"""The Django middleware, as an owner uses it."""
