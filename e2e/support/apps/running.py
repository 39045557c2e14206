"""Starts the real apps and loads their pages, without parts that differ in each load."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from tests.support.root import ROOT
from tests.support.serving import FIREFOX

PATIENCE = 90.0  # a busy machine; a start takes two or three seconds
DATE = r"\w{3}, \d\d \w{3} \d{4} [\d:]+ GMT"
Loaded = tuple[int, list[tuple[str, str]], str]


@dataclass(frozen=True)
class About:
    """One app: its pages, one of its files, and the parts that differ between two loads."""

    name: str
    pages: tuple[str, ...]
    file: str
    masks: tuple[str, ...]


APPS = [
    About(
        "datasette_app",
        (
            "/",
            "/harbour",
            "/harbour/boats?_facet=kind&_sort=name",
            "/harbour/boats/1",
            "/harbour?sql=select+name+from+boats+where+id+%3E+:id&id=1",
        ),
        "/-/static/app.css",
        # Counting rows is aborted after ten milliseconds.
        (
            r"(?:Many|\d+) rows",
            r"[\d.]+ms",
            r"(?<=ds_csrftoken=)[^;]+",
            r'(?<=csrftoken" value=")[^"]+',
        ),
    ),
    About(
        "flask_admin_app",
        (
            "/admin/",
            "/admin/story/",
            "/admin/story/new/",
            "/admin/story/edit/?id=2",
            "/admin/fileadmin/",
        ),
        "/admin/static/admin/css/bootstrap4/admin.css",
        (r"(?<=session=)[^;]+", r'(?<=name="csrf_token" type="hidden" value=")[^"]+'),
    ),
    About(
        "django_admin_app",
        (
            "/admin/",
            "/admin/auth/group/?q=2",
            "/admin/auth/group/1/change/",
            "/admin/auth/user/add/",
        ),
        "/static/admin/css/base.css",
        (
            r"(?<=csrftoken=)[^;]+",
            r'(?<=csrfmiddlewaretoken" value=")[^"]+',
            r"[\d.]+ ?ms",
            r"\b[0-9a-f]{32}\b",
            r"(?<=dur=)[\d.]+",
        ),
    ),
]


class RealApp:
    """One app's process, with its two ports and the session of a logged-in user."""

    plain = ours = 0
    session = ""

    def __init__(self, about: About, folder: Path) -> None:
        self.about = about
        self._told, self._log = folder / "told", folder / "log"
        with self._told.open("w") as told, self._log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", f"e2e.support.apps.{about.name}", str(folder)],
                cwd=ROOT,
                env={
                    **os.environ,
                    "DETECTOR_SECRET": f"the secret of the site {about.name}",
                    "DETECTOR_STORE": str(folder / "counts.sqlite"),
                    "DETECTOR_TREAT_BOTS_AS_PEOPLE": "1",
                },
                stdout=told,
                stderr=log,
            )

    def wait(self) -> None:
        """Wait until it prints its ports."""
        until = time.monotonic() + PATIENCE
        while not (line := self._told.read_text()).endswith("\n"):
            said = self._log.read_text()
            assert self.process.poll() is None and time.monotonic() < until, said
        told = json.loads(line)
        self.plain, self.ours, self.session = told["plain"], told["ours"], told.get("session", "")

    def load(self, port: int, path: str) -> Loaded:
        """Return status, headers and body, without parts that differ in each load."""
        connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        headers = {"Host": "news.example", "User-Agent": FIREFOX}
        if self.session:
            headers["Cookie"] = f"sessionid={self.session}"
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            body = answer.read().decode("utf-8")
        finally:
            connection.close()
        pairs = [(name.lower(), self._masked(value)) for name, value in answer.getheaders()]
        return answer.status, pairs, self._masked(body)

    def _masked(self, text: str) -> str:
        for pattern in (DATE, *self.about.masks):
            text = re.sub(pattern, "*", text)
        return text

    def stop(self) -> None:
        """Stop the process."""
        self.process.terminate()
        self.process.wait(PATIENCE)
