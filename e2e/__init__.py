"""End-to-end tests: real browsers, real blockers, a closed test internet."""
