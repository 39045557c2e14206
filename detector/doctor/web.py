"""Requests addresses as a browser does: no redirect is followed unseen, nothing is cached."""

from __future__ import annotations

import http.client
import math
import re
import ssl
import time
import urllib.request
import zlib
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from detector import __version__
from detector.core.counting.masking import masked, scrubbed
from detector.core.html.headers import Headers, all_of, first
from detector.doctor.reach import Reach
from detector.filter_lists.timed_request import asked

# A browser's, or the site would classify the doctor as a robot; a test checks it against the lists.
USER_AGENT = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0 "
    f"detector-doctor/{__version__}"
)
LIMIT = 20 * 2**20
TOGETHER = 200 * 2**20
_LENGTH = re.compile("[0-9]{1,18}")
_GZIP = b"\x1f\x8b"
_CACHES = ("x-cache", "x-cache-status", "x-proxy-cache", "cf-cache-status", "x-cache-lookup")
_REDIRECTS = (301, 302, 303, 307, 308)


class AddressError(ValueError):
    """An address cannot be requested; the message says why and how to fix it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; if there was none, `status` is 0 and `failed` says why.

    `body` is decompressed; `broken` says what was wrong with it.
    """

    url: str
    status: int = 0
    headers: Headers = field(default_factory=list)
    body: bytes = b""
    failed: str = ""
    broken: str = ""

    def header(self, name: str) -> str:
        """Return the first value of a header, or an empty string."""
        return first(self.headers, name) or ""

    @property
    def type(self) -> str:
        """Return the content type without its parameters, in lower case."""
        return self.header("content-type").partition(";")[0].strip().lower()

    @property
    def from_cache(self) -> bool:
        """Whether a shared cache says that it served this answer from its store."""
        told = (value for name in _CACHES for value in all_of(self.headers, name))
        return any("hit" in value.lower() for value in told) or self.header("age") not in ("", "0")

    @property
    def packed(self) -> list[str]:
        """Return the compressions, innermost first."""
        joined = ",".join(all_of(self.headers, "content-encoding")).lower().split(",")
        return [one.strip() for one in joined if one.strip() not in ("", "identity")]

    @property
    def goal(self) -> str:
        """Return where a redirect leads, or an empty string."""
        place = self.header("location")
        if self.status not in _REDIRECTS or not place:
            return ""
        return joined(self.url, place)


class Exhausted(Exception):
    """A site used up an examination's budget; the text says which, `fix` how to continue."""

    def __init__(self, text: str, fix: str) -> None:
        super().__init__(text)
        self.fix = fix


class Web:
    """Sends requests as a browser does; `timeout` in seconds is for each request.

    `insecure` accepts any certificate. `reach` limits which addresses are requested, `max_time` in
    seconds how long all requests together may take: past it, or after TOGETHER bytes, Exhausted is
    raised.
    """

    def __init__(
        self,
        user_agent: str = USER_AGENT,
        timeout: float = 10.0,
        insecure: bool = False,
        *,
        reach: Reach | None = None,
        max_time: float = math.inf,
    ) -> None:
        self.user_agent = user_agent
        self.timeout = timeout
        self.max_time = max_time
        self._ends = time.monotonic() + max_time
        self._reach = reach
        self._bytes = 0
        self._context = ssl.create_default_context()
        if insecure:
            self._context.check_hostname = False
            self._context.verify_mode = ssl.CERT_NONE

    def refusal(self, url: str) -> str:
        """Return why an address is not requested, as part of a sentence; empty when it may be."""
        return self._reach.refusal(url) if self._reach else ""

    def get(self, url: str, **headers: str) -> Answer:
        """Request an address; `headers`, with _ for -, override what is sent."""
        return self._ask("GET", url, None, headers)

    def page(self, url: str, **headers: str) -> Answer:
        """Request an address as for a page that a person opens."""
        told = {
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "Sec_Fetch_Dest": "document",
            "Sec_Fetch_Mode": "navigate",
            "Sec_Fetch_Site": "none",
        }
        return self._ask("GET", url, None, {**told, **headers})

    def post(self, url: str, body: bytes, **headers: str) -> Answer:
        """Send a body."""
        return self._ask("POST", url, body, headers)

    def _ask(self, method: str, url: str, body: bytes | None, more: dict[str, str]) -> Answer:
        headers = {
            "User-Agent": self.user_agent,
            "Accept": "*/*",
            "Accept-Language": "en-US,en;q=0.5",
            "Accept-Encoding": "gzip, deflate",
            **{name.replace("_", "-"): value for name, value in more.items()},
        }
        if why := self.refusal(url):
            return Answer(url, failed=f"not requested, because {why}")
        self._check_time()
        try:
            request = urllib.request.Request(url, body, headers, method=method)
            ends = min(time.monotonic() + self.timeout, self._ends)
            data = bytearray()
            with asked(request, ends, _AsItIs(), context=self._context) as answer:
                while more_of_it := answer.read1(2**16):
                    data += more_of_it
                    if len(data) > LIMIT:
                        return Answer(url, failed=f"sends more than {LIMIT // 2**20} MB")
                made = Answer(url, answer.status, list(answer.headers.items()))
        except (OSError, http.client.HTTPException, ValueError) as error:
            self._check_time()
            return Answer(url, failed=_why(error, self.timeout))
        plain, broken = _unpacked(bytes(data), made.packed)
        self._bytes += len(plain)
        if self._bytes > TOGETHER:
            raise Exhausted(
                f"the site has sent more than {TOGETHER // 2**20} MB", "Pass fewer --paths."
            )
        whole = made.header("content-length")
        if _LENGTH.fullmatch(whole) and len(data) < int(whole):
            broken = f"is cut off after {len(data)} of {whole} bytes"
        return Answer(url, made.status, made.headers, plain, "", broken)

    def _check_time(self) -> None:
        if time.monotonic() >= self._ends:
            raise Exhausted(
                f"it took longer than {self.max_time:g} s",
                "Allow more time with --max-time SECONDS.",
            )


class _AsItIs(urllib.request.HTTPErrorProcessor):
    """Returns every answer unchanged: the doctor examines redirects and errors itself."""

    def http_response(self, request: Any, response: Any) -> Any:
        """Return the answer."""
        return response

    https_response = http_response


def _why(error: Exception, timeout: float) -> str:
    reason = getattr(error, "reason", None) or error
    if isinstance(reason, TimeoutError):
        return f"no whole answer within {timeout:g} s"
    if isinstance(reason, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({reason.verify_message})"
    if isinstance(reason, http.client.RemoteDisconnected):
        return "the connection was closed without an answer"
    if isinstance(reason, http.client.HTTPException):
        return f"the server does not speak HTTP ({type(reason).__name__})"
    return str(getattr(reason, "strerror", None) or reason or type(reason).__name__)


def _unpacked(data: bytes, packed: list[str]) -> tuple[bytes, str]:
    """Undo the compressions, and return what is wrong with them."""
    for name in reversed(packed):
        if name not in ("gzip", "x-gzip", "deflate"):
            return data, f"is compressed by {name}, although only gzip and deflate were requested"
        # 47 accepts gzip and zlib alike (zlib.h, inflateInit2); some servers send raw deflate.
        windows = (47,) if name != "deflate" else (47, -15)
        for bits in windows:
            try:
                unpacker = zlib.decompressobj(bits)
                plain = unpacker.decompress(data, LIMIT)
                break
            except zlib.error:
                continue
        else:
            return data, f"claims to be compressed by {name}, but is not"
        data = plain
    if data.startswith(_GZIP):
        return data, "is compressed twice"
    return data, ""


def joined(base: str, place: str) -> str:
    """Resolve `place` against `base`; an invalid one still yields a readable address."""
    try:
        return urljoin(base, place)
    except ValueError:
        return urljoin(base, quote(place, safe="/:?#"))


def checked(url: str) -> str:
    """Return an address in the form that is sent; raise AddressError if it is not one."""
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port
        if parts.scheme not in ("http", "https") or not host:
            raise AddressError(
                f"{masked(url)!r} is not an address: use one that begins with https:// or http://"
            )
        host = host if ":" in host else host.encode("idna").decode("ascii")
    except AddressError:
        raise
    except ValueError as error:
        told = scrubbed(str(error), url)
        raise AddressError(
            f"{masked(url)!r} is not an address ({told}): check how it is written"
        ) from None
    if parts.username is not None:
        raise AddressError(f"{masked(url)!r} has a name or password: pass the address without it")
    place = f"[{host}]" if ":" in host else host
    place += f":{port}" if port is not None else ""
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = quote(parts.query, safe="/?%:@!$&'()*+,;=~-._")
    return urlunsplit((parts.scheme, place, path, query, ""))
