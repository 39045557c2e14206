"""What a blocker needs beside its browser; each check raises what is missing, with the fix."""

from __future__ import annotations

from pathlib import Path

from detector.testing.blockers.added import archive
from detector.testing.blockers.compiled import adblock
from detector.testing.blockers.lists import filter_lists
from detector.testing.blockers.model import Blocker, BlockerError, Options
from detector.testing.blockers.unpacked import given_path, unpacked
from detector.testing.ublock import Package


def needs_lists(_: Blocker, options: Options) -> None:
    """Check that the filter lists are there: those that are named, else the packaged ones."""
    for name in options.filter_lists:
        if "://" not in name and not Path(name).is_file():
            raise BlockerError(f"--filter-list {name}: is not there")
    if not options.filter_lists:
        filter_lists(options)


def needs_engine(blocker: Blocker, options: Options) -> None:
    """Check that filter lists and Brave's engine are there."""
    needs_lists(blocker, options)
    adblock()


def needs_package(_: Blocker, options: Options) -> None:
    """Check that uBlock Origin is installed, where no file is named in its place."""
    if not options.extension:
        Package.required()


def needs_extension(blocker: Blocker, options: Options) -> None:
    """Check that an extension of the options can be read."""
    with unpacked(*given_path(blocker, options)):
        pass


def needs_added(blocker: Blocker, options: Options) -> None:
    """Check that a blocker that was added is still what was added."""
    archive(blocker.name, options)
