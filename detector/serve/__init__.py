"""`detector serve`: a server for sites that are not written in Python."""
