"""Asks for addresses as a browser does: no redirect is followed unseen, nothing is kept."""

from __future__ import annotations

import http.client
import ssl
import time
import urllib.error
import urllib.request
import zlib
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from detector import __version__
from detector.page.headers import Headers, all_of, first
from detector.stats.masking import masked, scrubbed

# A browser's, or the site would take the doctor for a robot; a test holds it against the lists.
USER_AGENT = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0 "
    f"detector-doctor/{__version__}"
)
LIMIT = 20 * 2**20
_GZIP = b"\x1f\x8b"
_CACHES = ("x-cache", "x-cache-status", "x-proxy-cache", "cf-cache-status", "x-cache-lookup")
_REDIRECTS = (301, 302, 303, 307, 308)


class AddressError(ValueError):
    """An address cannot be asked for; the text says why and how to mend it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; `status` is 0 and `failed` says why when there was none.

    `body` is decompressed; `broken` says what was wrong with that.
    """

    url: str
    status: int = 0
    headers: Headers = field(default_factory=list)
    body: bytes = b""
    failed: str = ""
    broken: str = ""

    def header(self, name: str) -> str:
        """Give the first value of a header, or nothing."""
        return first(self.headers, name) or ""

    @property
    def type(self) -> str:
        """Give the content type without its arguments, in lower case."""
        return self.header("content-type").partition(";")[0].strip().lower()

    @property
    def from_cache(self) -> bool:
        """Say whether a shared cache says that it gave this answer from what it keeps."""
        told = (value for name in _CACHES for value in all_of(self.headers, name))
        return any("hit" in value.lower() for value in told) or self.header("age") not in ("", "0")

    @property
    def packed(self) -> list[str]:
        """Give the compressions, innermost first."""
        joined = ",".join(all_of(self.headers, "content-encoding")).lower().split(",")
        return [one.strip() for one in joined if one.strip() not in ("", "identity")]

    @property
    def goal(self) -> str:
        """Give where a redirect leads, or nothing."""
        place = self.header("location")
        if self.status not in _REDIRECTS or not place:
            return ""
        try:
            return urljoin(self.url, place)
        except ValueError:
            return place


class Web:
    """A browser's way of asking, with this user agent; `timeout` in seconds is for each request.

    `insecure` takes any certificate.
    """

    def __init__(
        self, user_agent: str = USER_AGENT, timeout: float = 10.0, insecure: bool = False
    ) -> None:
        self.user_agent = user_agent
        self.timeout = timeout
        context = ssl.create_default_context()
        if insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPSHandler(context=context), _AsItIs
        )

    def get(self, url: str, **headers: str) -> Answer:
        """Ask for an address; `headers` with _ for - change what is sent."""
        return self._ask("GET", url, None, headers)

    def page(self, url: str, **headers: str) -> Answer:
        """Ask for an address as for a page that a person opens."""
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
        try:
            request = urllib.request.Request(url, body, headers, method=method)
            ends = time.monotonic() + self.timeout
            data = bytearray()
            with self._opener.open(request, timeout=self.timeout) as answer:
                while more_of_it := answer.read1(2**16):
                    data += more_of_it
                    if len(data) > LIMIT:
                        return Answer(url, failed=f"sends more than {LIMIT // 2**20} MB")
                    if time.monotonic() > ends:
                        raise TimeoutError
                made = Answer(url, answer.status, list(answer.headers.items()))
        except (OSError, http.client.HTTPException, ValueError) as error:
            return Answer(url, failed=_why(error, self.timeout))
        plain, broken = _unpacked(bytes(data), made.packed)
        whole = made.header("content-length")
        if whole.isdigit() and len(data) < int(whole):
            broken = f"is cut off after {len(data)} of {whole} bytes"
        return Answer(url, made.status, made.headers, plain, "", broken)


class _AsItIs(urllib.request.HTTPErrorProcessor):
    """Gives every answer as it came: redirects and errors are what the doctor looks for."""

    def http_response(self, request: Any, response: Any) -> Any:
        """Give the answer."""
        return response

    https_response = http_response


def _why(error: Exception, timeout: float) -> str:
    reason = getattr(error, "reason", None) or error
    if isinstance(reason, TimeoutError):
        return f"no whole answer within {timeout:g} s"
    if isinstance(reason, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({reason.verify_message})"
    if isinstance(reason, http.client.RemoteDisconnected):
        return "the connection is closed without an answer"
    if isinstance(reason, http.client.HTTPException):
        return f"what answers there does not speak HTTP ({type(reason).__name__})"
    return str(getattr(reason, "strerror", None) or reason or type(reason).__name__)


def _unpacked(data: bytes, packed: list[str]) -> tuple[bytes, str]:
    """Undo the compressions, and say what is wrong with them."""
    for name in reversed(packed):
        if name not in ("gzip", "x-gzip", "deflate"):
            return data, f"is compressed by {name}, although only gzip and deflate were asked for"
        # 47 takes gzip and zlib alike (zlib.h, inflateInit2); some servers send deflate bare.
        windows = (47,) if name != "deflate" else (47, -15)
        for bits in windows:
            try:
                unpacker = zlib.decompressobj(bits)
                plain = unpacker.decompress(data, LIMIT)
                break
            except zlib.error:
                continue
        else:
            return data, f"says that it is compressed by {name}, and is not"
        data = plain
    if data.startswith(_GZIP):
        return data, "is compressed twice"
    return data, ""


def checked(url: str) -> str:
    """Give an address in the form that is sent; raises AddressError."""
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port
        if parts.scheme not in ("http", "https") or not host:
            raise AddressError(
                f"{masked(url)!r} is no address: give one that begins with https:// or http://"
            )
        host = host if ":" in host else host.encode("idna").decode("ascii")
    except AddressError:
        raise
    except ValueError as error:
        told = scrubbed(str(error), url)
        raise AddressError(
            f"{masked(url)!r} is no address ({told}): look at how it is written"
        ) from None
    if parts.username is not None:
        raise AddressError(f"{masked(url)!r} holds a name or password: give the address without it")
    place = f"[{host}]" if ":" in host else host
    place += f":{port}" if port is not None else ""
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = quote(parts.query, safe="/?%:@!$&'()*+,;=~-._")
    return urlunsplit((parts.scheme, place, path, query, ""))


def origin(url: str) -> tuple[str, str, int]:
    """Give scheme, host and port of an address."""
    parts = urlsplit(url)
    default = 443 if parts.scheme == "https" else 80
    try:
        port = parts.port or default
    except ValueError:
        port = default
    return parts.scheme, (parts.hostname or "").lower(), port
