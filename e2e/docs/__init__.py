"""Pictures of the documentation, and what its tutorial promises, in real browsers."""
