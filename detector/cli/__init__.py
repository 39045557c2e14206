"""The command `detector`: `main.py` has the table of subcommands, each a file of its own here."""
