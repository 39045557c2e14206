"""The command `detector`: `main.py`, and a file for each subcommand."""
