"""Requests by curl, which speaks HTTP/2 and unpacks brotli, to a front that TLS ends at."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from detector.testing.machine import need
from tests.conftest import FIREFOX
from tests.support.fronts import HOST

Lines = Sequence[tuple[str, str]]


class Request(NamedTuple):
    """One of many requests: GET, HEAD or POST."""

    method: str
    path: str
    body: str = ""
    lines: Lines = ()


class Got(NamedTuple):
    """A response; `version` is that of HTTP, the body is unpacked."""

    status: int
    version: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Visitor:
    """A visitor of the site on a port, whose authority he trusts, from a loopback address."""

    port: int
    authority: Path
    address: str

    @property
    def origin(self) -> str:
        """Return the origin of the site's pages."""
        return f"https://{HOST}:{self.port}"

    def ask(self, path: str, lines: Lines = ()) -> Got:
        """Request a path with these lines in the header; a name may occur again."""
        with tempfile.TemporaryDirectory(prefix="detector-") as name:
            head, body = Path(name) / "head", Path(name) / "body"
            words = ["-D", str(head), "-o", str(body), "-w", "%{http_version} %{http_code}"]
            said = _run(
                [need("curl"), *self._common(), *words, *_header(lines), self.origin + path]
            )
            version, status = said.split()
            parts = [one.partition(": ") for one in head.read_text("latin-1").splitlines()[1:]]
            headers = {name.lower(): value for name, _, value in parts if name}
            return Got(int(status), version, headers, body.read_bytes())

    def many(self, requests: Sequence[Request]) -> list[int]:
        """Send requests one after another on one connection; returns their statuses."""
        words: list[str] = []
        for method, path, body, lines in requests:
            words += ["--next"] * bool(words) + self._common()
            words += ["-o", "/dev/null", "-w", "%{http_code} "] + ["-I"] * (method == "HEAD")
            if method == "POST":
                own = [("Content-Type", "application/json"), ("Origin", self.origin)]
                words += ["--data-binary", body, *_header(own)]
            words += [*_header(lines), self.origin + path]
        return [int(one) for one in _run([need("curl"), *words]).split()]

    def _common(self) -> list[str]:
        given = ["-sS", "--http2", "--compressed", "--max-time", "30", "-A", FIREFOX]
        given += ["--cacert", str(self.authority), "--interface", self.address]
        return [*given, "--resolve", f"{HOST}:{self.port}:127.0.0.1"]


def _header(lines: Lines) -> list[str]:
    # A semicolon sends a header without a value; a colon would remove it.
    texts = [f"{name}: {value}" if value else f"{name};" for name, value in lines]
    return [word for text in texts for word in ("-H", text)]


def _run(command: Sequence[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout
