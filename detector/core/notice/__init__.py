"""What the visitor is shown: modes, instructions, and the notice's payload."""
