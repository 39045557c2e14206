"""Asks the site over HTTP as a browser would, with the standard library alone.

Redirects are never followed here: for our own URLs each of them is something to tell.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import time
import urllib.error
import urllib.request
import zlib
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from detector.doctor.arguments import BROWSER
from detector.page.headers import Headers, all_of, first

LIMIT = 8 * 2**20
_HOPS = 5
_PART = 2**16


class DoctorError(ValueError):
    """The doctor cannot do its work; the text says why and how to mend it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; `status` is 0 and `failure` says why when there was none."""

    method: str
    url: str
    status: int = 0
    headers: Headers = field(default_factory=list)
    body: bytes = b""
    failure: str = ""

    def header(self, name: str) -> str:
        """Give a header's first value, or an empty text."""
        return (first(self.headers, name) or "").strip()

    def all(self, name: str) -> list[str]:
        """Give every value of a header."""
        return all_of(self.headers, name)

    @property
    def kind(self) -> str:
        """Give the content type without its arguments."""
        return self.header("content-type").partition(";")[0].strip().lower()

    @property
    def goal(self) -> str:
        """Give where a redirect leads; empty for any other answer."""
        to = self.header("location") if 300 <= self.status <= 399 else ""
        return urljoin(self.url, to) if to else ""

    @property
    def said(self) -> str:
        """Say in a few words what came: its status, or why nothing came."""
        if not self.status:
            return self.failure
        if self.goal:
            return f"{self.status} to {self.goal}"
        phrase = http.client.responses.get(self.status, "")
        return f"{self.status} {phrase}".strip()


class _AsIs(urllib.request.HTTPErrorProcessor):
    """Hands on every answer, redirects and errors too."""

    def http_response(self, request: Any, response: Any) -> Any:
        return response

    https_response = http_response


class Fetcher:
    """Asks for addresses; `timeout` in seconds counts for a whole answer."""

    def __init__(
        self, user_agent: str = BROWSER, timeout: float = 15.0, insecure: bool = False
    ) -> None:
        self.user_agent = user_agent
        self.timeout = timeout
        context = ssl.create_default_context()
        if insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        self._opener = urllib.request.build_opener(
            _AsIs, urllib.request.HTTPSHandler(context=context)
        )

    def page(self, url: str, encoding: str = "gzip, deflate") -> tuple[Answer, list[Answer]]:
        """Get a page and the redirects that led to it."""
        hops: list[Answer] = []
        headers = {
            "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
            "Accept-Encoding": encoding,
            "Sec-Fetch-Dest": "document",
            "Sec-Fetch-Mode": "navigate",
            "Sec-Fetch-Site": "none",
        }
        answer = self.ask(url, headers=headers)
        while answer.goal and len(hops) < _HOPS:
            hops.append(answer)
            answer = self.ask(answer.goal, headers=headers)
        return answer, hops

    def ours(self, url: str, page: str, dest: str = "empty", method: str = "GET") -> Answer:
        """Ask for one of the detector's URLs as the script on `page` does."""
        return self.ask(url, method, headers=self._as_script(page, dest))

    def report(self, url: str, page: str, body: bytes) -> Answer:
        """Send a report as the script on `page` does."""
        parts = urlsplit(page)
        headers = self._as_script(page, "empty")
        headers |= {"Origin": f"{parts.scheme}://{parts.netloc}", "Content-Type": "text/plain"}
        return self.ask(url, "POST", headers, body)

    def ask(
        self,
        url: str,
        method: str = "GET",
        headers: dict[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        """Ask once; what goes wrong on the way is told in the answer's `failure`."""
        given = {"User-Agent": self.user_agent, "Accept-Language": "en", **(headers or {})}
        ends = time.monotonic() + self.timeout
        try:
            request = urllib.request.Request(url, body, given, method=method)
            with self._opener.open(request, timeout=self.timeout) as came:
                data = bytearray()
                while len(data) < LIMIT and (more := came.read1(_PART)):
                    data += more
                    if time.monotonic() > ends:
                        raise TimeoutError
                found = list(came.headers.items())
                plain = unpacked(bytes(data), first(found, "content-encoding") or "")
                return Answer(method, url, came.status, found, plain)
        except (OSError, http.client.HTTPException, ValueError, zlib.error) as problem:
            return Answer(method, url, failure=self._why(problem))

    def _as_script(self, page: str, dest: str) -> dict[str, str]:
        mode = "cors" if dest == "empty" else "no-cors"
        return {
            "Accept": "*/*",
            "Accept-Encoding": "gzip, deflate",
            "Referer": page,
            "Sec-Fetch-Dest": dest,
            "Sec-Fetch-Mode": mode,
            "Sec-Fetch-Site": "same-origin",
        }

    def _why(self, problem: BaseException) -> str:
        reason = getattr(problem, "reason", None)
        if isinstance(reason, BaseException):
            problem = reason
        if isinstance(problem, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted ({problem.verify_message})"
        if isinstance(problem, ssl.SSLError):
            return f"no TLS connection ({problem.reason or problem})"
        if isinstance(problem, TimeoutError):
            return f"no answer within {self.timeout:g} s"
        if isinstance(problem, socket.gaierror):
            return "its host name is not known"
        if isinstance(problem, zlib.error):
            return "an answer whose compression is broken"
        text = getattr(problem, "strerror", None) or str(problem) or type(problem).__name__
        return f"no answer ({text})"


def unpacked(data: bytes, encoding: str) -> bytes:
    """Undo gzip and deflate, LIMIT bytes at most; anything else is left as it came."""
    name = encoding.strip().lower()
    if not data or name not in ("gzip", "x-gzip", "deflate"):
        return data
    # A raw deflate stream, which some servers send, has no zlib header.
    raw = name == "deflate" and data[0] & 0x0F != 8
    return zlib.decompressobj(-15 if raw else 47).decompress(data, LIMIT)
