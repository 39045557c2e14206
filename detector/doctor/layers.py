"""Names who answered in the site's place, what the refused addresses share, and the mend."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from detector.doctor.fetching import Answer
from detector.doctor.visit import Visit

_LOGIN = re.compile(r"log-?in|sign-?in|sign_in|/auth|/sso|account|session", re.IGNORECASE)
_OURS = (b"no such file", b"GET only", b"POST only")
_EDGES = (
    ("cf-ray", "Cloudflare"),
    ("x-amz-cf-id", "CloudFront"),
    ("x-sucuri-id", "Sucuri"),
    ("x-iinfo", "Imperva"),
    ("x-akamai-transformed", "Akamai"),
    ("x-varnish", "Varnish"),
    ("x-azure-ref", "Azure Front Door"),
)
_PAGES = ((b"<center>nginx", "nginx"), (b"<address>Apache", "Apache"))


def who(answer: Answer) -> str:
    """Name the layer that made an answer, as far as it tells."""
    if is_own(answer):
        return "the detector"
    for mark, name in _PAGES:
        if mark in answer.body:
            return name
    for header, name in _EDGES:
        if answer.header(header):
            return name
    server = answer.header("server")
    return server.partition("/")[0].partition(" ")[0] if server else "the server"


def is_own(answer: Answer) -> bool:
    """Say whether the detector itself refused: then the address is right and its token is not."""
    return answer.status in (404, 405) and answer.body in _OURS


def is_login(url: str) -> bool:
    """Say whether an address looks like a log-in page's."""
    return bool(_LOGIN.search(urlsplit(url).path))


def is_html(answer: Answer) -> bool:
    """Say whether an answer is a page, whatever it says that it is."""
    start = answer.body[:256].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return answer.kind == "text/html" or start.startswith((b"<!doctype html", b"<html"))


def is_refused(answer: Answer) -> bool:
    """Say whether something else than the detector answered, or nobody did."""
    if answer.method == "POST":
        return answer.status != 204
    return answer.status != 200 or is_html(answer)


@dataclass(frozen=True, slots=True)
class Cause:
    """What the refused addresses of a visit share: `rule` in words, "" when they share nothing."""

    rule: str
    prefix: str
    mount: str
    nginx: str

    @property
    def mend(self) -> str:
        """Say how to let our folder pass."""
        if self.mount:
            return (
                f"The site is mounted below {self.mount}, which the front server cuts off without "
                f"telling the app: send it on (nginx: proxy_set_header X-Forwarded-Prefix "
                f"{self.mount}; and ProxyFix(app.wsgi_app, x_prefix=1) around the app), or let "
                f"{self.prefix} pass to the app as it stands: {_location(self.prefix)}"
            )
        rule = f"{self.rule}; let" if self.rule else "Let"
        return (
            f"{rule} our folder pass to the app before any such rule: {self.nginx}; "
            f"Caddy: handle {self.prefix}* {{ reverse_proxy APP }}; "
            f"a CDN or firewall: an exception for {self.prefix}*"
        )


def cause(visit: Visit) -> Cause:
    """Find what the refused addresses of a visit have in common that no answered one has."""
    refused: list[str] = []
    came: list[str] = []
    for answer in visit.answers():
        below = urlsplit(answer.url).path.removeprefix(visit.prefix)
        if not is_own(answer):
            (refused if is_refused(answer) else came).append(below)
    nginx = "nginx: " + _location(visit.prefix)
    return Cause(_shared(refused, came), visit.prefix, visit.found_below, nginx)


def _shared(refused: list[str], came: list[str]) -> str:
    if not refused:
        return ""
    if not came:
        return "Nothing of the folder gets through"
    endings = {_ending(path) for path in refused}
    if len(endings) == 1 and not endings & {"", *map(_ending, came)}:
        ending = endings.pop()
        return f"A rule takes every *.{ending} (such as nginx's location ~ \\.{ending}$)"
    free = set().union(*map(_words, came))
    shared = set.intersection(*map(_words, refused)) - free
    if shared:
        word = sorted(shared, key=lambda one: (-len(one), one))[0]
        return f"A rule takes every path with {word!r} in it"
    return ""


def _ending(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[2] if "." in path else ""


def _words(path: str) -> set[str]:
    """Give the folders of a path, as rules name them, and the words of its names."""
    folders = {f"/{name}/" for name in path.split("/")[:-1]}
    return folders | {word for word in re.split(r"[^A-Za-z0-9]+", path) if word}


def _location(prefix: str) -> str:
    return f"location ^~ {prefix} {{ proxy_pass http://APP; }}"


def owners(answers: Iterable[Answer]) -> str:
    """Name who refused some addresses, and with what: "nginx answers 404 Not Found"."""
    said: dict[str, None] = {}
    for answer in answers:
        what = "an HTML page" if answer.status == 200 and is_html(answer) else answer.said
        login = " (a log-in page)" if is_login(answer.goal) else ""
        if answer.status:
            said[f"{who(answer)} answers {what}{login}"] = None
        else:
            said[what] = None
    return " and ".join(said)
