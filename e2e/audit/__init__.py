"""`detector audit` in real browsers."""
