"""What the visitor is shown: modes, instructions, and the JSON that the notice fetches."""
