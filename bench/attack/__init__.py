"""Fuzzing in this process: properties that hold whatever a stranger or an app sends."""
