"""`detector lint`: scanners, findings and reports."""
