"""Which filter lists names are checked against: those that the user names, else packaged ones."""

from __future__ import annotations

from collections.abc import Sequence

from detector.filter_lists.fetch import Source, read_all
from detector.lint.files import LintError
from detector.testing.ublock import DEFAULT_LISTS, Package


def sources(named: Sequence[str]) -> list[Source]:
    """Return the lists; raise LintError where there are none, ListError for one that is none."""
    if named:
        return read_all(named)
    package = Package.found()
    if package is None:
        raise LintError(
            "there is no filter list: name one with --filter-list FILE_OR_URL, or install those of "
            "uBlock Origin: Debian `apt-get install webext-ublock-origin-firefox`"
        )
    return read_all(str(package.list_path(name)) for name in DEFAULT_LISTS)
