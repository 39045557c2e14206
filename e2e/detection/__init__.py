"""What is said of a page view, in real browsers under real blockers."""
