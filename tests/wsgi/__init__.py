"""The WSGI middleware: same bytes in, same bytes and one tag out."""
