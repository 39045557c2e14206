"""The test kit that owners use."""
