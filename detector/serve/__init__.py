"""`detector serve`: a server beside sites that are not written in Python."""
