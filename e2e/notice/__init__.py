"""The notice as visitors meet it."""
