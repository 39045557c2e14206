"""The errors that callers catch."""

from __future__ import annotations


class ConfigError(ValueError):
    """An option is unknown or has a value that is not allowed; the message says how to fix it."""


class StoreError(Exception):
    """The store cannot be used; the message names it and says how to fix that.

    `doubtful` is True when the counts may have been added nevertheless: a retry must use the same
    rows and the same batch.
    """

    def __init__(self, text: str, *, doubtful: bool = False) -> None:
        super().__init__(text)
        self.doubtful = doubtful
