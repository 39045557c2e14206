"""The ASGI middleware: same messages in, same messages and one tag out."""
