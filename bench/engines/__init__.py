"""What engines for filter lists make of the same requests and rules: `scripts/bench engines`."""
