"""The folder of a report: its page, JSON and JUnit XML, pictures, and Markdown for list authors."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from functools import partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from detector import __version__
from detector.audit import html
from detector.audit.junit import junit
from detector.audit.list_report import NAME as AUTHORS
from detector.audit.list_report import list_report
from detector.audit.markup import tag
from detector.audit.model import Report
from detector.audit.web_pictures import embedded

if TYPE_CHECKING:
    from playwright.sync_api import Playwright

INDEX, JSON, JUNIT, PICTURES = "index.html", "report.json", "junit.xml", "pictures"
FORMAT = 2
"""Of report.json; it grows when others could not read it any more. 2 has a page's names."""
_MARK = f'<meta name="generator" content="{html.GENERATOR} '.encode()


class FolderError(ValueError):
    """A report cannot be written there; the message says why and how to fix it."""


def prepare(folder: Path) -> None:
    """Create the folder, or empty that of an earlier report; raise `FolderError`.

    Only a report's own files are removed from an earlier one. A page is written at once, by which
    the folder is recognised as a report's even if the audit is interrupted.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()) and not _is_report(folder):
            raise FolderError(
                f"--out {folder}: is neither empty nor an earlier report; name another folder"
            )
        _clear(folder)
        body = tag("p", "This audit is running, or was interrupted before its report was written.")
        _put(folder / INDEX, html.document("Audit running", tag("main", body)).encode())
    except OSError as error:
        raise FolderError(
            f"--out {folder}: cannot be written ({error.strerror}); name a folder of your own"
        ) from None


def write(report: Report, folder: Path, playwright: Playwright | None = None) -> None:
    """Write the report's files beside its pictures; raise `FolderError`.

    Pass `playwright` if one is running in this thread: a browser encodes the page's pictures.
    """
    embed = partial(embedded, folder, playwright=playwright)
    try:
        _put(folder / JSON, as_json(report).encode())
        _put(folder / JUNIT, junit(report, _seen_from_here(folder)))
        _put(folder / INDEX, html.page(report, embed).encode())
        if told := list_report(report):
            _put(folder / AUTHORS, told.encode())
    except OSError as error:
        raise FolderError(f"--out {folder}: cannot be written ({error.strerror})") from None


def as_json(report: Report) -> str:
    """Return the report as JSON in ASCII, which can hold any text that a page has sent."""
    generator = f"{html.GENERATOR} {__version__}"
    made = {"generator": generator, "format": FORMAT, **report.as_dict()}
    return json.dumps(made, indent=2) + "\n"


def _is_report(folder: Path) -> bool:
    try:
        with (folder / INDEX).open("rb") as file:
            return _MARK in file.read(4096)
    except OSError:
        return False


def _clear(folder: Path) -> None:
    for name in (JSON, JUNIT, AUTHORS):
        (folder / name).unlink(missing_ok=True)
    pictures = folder / PICTURES
    if pictures.is_symlink():
        raise FolderError(f"--out {folder}: its {PICTURES} is a symbolic link; remove it")
    for file in pictures.glob("*.png"):
        file.unlink()


def _put(path: Path, data: bytes) -> None:
    """Write a file atomically: concurrent readers find the old one or the new one."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        part.write_bytes(data)
        part.replace(path)
    finally:
        with suppress(OSError):
            part.unlink()


def _seen_from_here(folder: Path) -> PurePath:
    """Return the folder relative to the working directory if it is inside: CI reads from there."""
    with suppress(ValueError, OSError):
        return folder.resolve().relative_to(Path.cwd())
    return PurePath(folder)
