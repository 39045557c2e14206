"""The error of a command, and how errors of the package become one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class CommandError(Exception):
    """A command cannot do what was asked; the text says why and how to fix it."""


@contextmanager
def command_errors(*errors: type[Exception], option: str = "") -> Iterator[None]:
    """Raise errors of these classes as CommandError, with the option at fault before the text."""
    try:
        yield
    except errors as error:
        raise CommandError(f"{option}: {error}" if option else str(error)) from error
