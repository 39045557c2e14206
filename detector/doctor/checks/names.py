"""The names that the site serves, matched against filter lists that the owner names."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit, urlunsplit

from detector.core.bootstrap import BAIT_TYPES
from detector.doctor.findings import Finding, error, ok, warning
from detector.doctor.visit import Visit
from detector.filter_lists.matcher import Matcher

_CHECK = "lists"
_STAND_IN = "news.example"
_URLS = (
    *(("followup_url", "script"), ("notice_url", "script")),
    *(("texts_url", "fetch"), ("report_url", "ping")),
)


def clean(visit: Visit, baits: list[list[object]], matcher: Matcher) -> list[Finding]:
    """Whether a list matches something that is not a bait, and whether it matches enough baits."""
    page = _public(visit.url)
    named = {visit.tag.url: "script", f"{visit.file}on?v=0&p={visit.tag.token}&w=false": "fetch"}
    for key, kind in _URLS:
        if path := visit.bootstrap.get(key):
            named[visit.at(str(path))] = kind
    token = str(visit.bootstrap.get("token", ""))
    live = 0
    for bait in baits:
        kind = BAIT_TYPES[int(str(bait[0]))]
        named[visit.at(str(bait[3]) + token)] = kind
        live += matcher.together.hits(_public(visit.at(str(bait[2]) + token)), page, kind)
    found = []
    for url, kind in named.items():
        if matcher.together.hits(_public(url), page, kind):
            marks = matcher.request(_public(url), kind).hits
            places = ", ".join(f"{mark.list}:{mark.line} {mark.rule}" for mark in marks)
            found.append(error(_CHECK, f"{url} is blocked by mistake ({places}).", _SECRET))
    classes = [str(name) for name in visit.bootstrap.get("classes", [])]
    if classes and matcher.together.hides(classes[:1]):
        found.append(error(_CHECK, f"The control class {classes[0]} is hidden.", _SECRET))
    if baits and live < 2:
        found.append(warning(_CHECK, f"Only {live} of the day's baits are blocked.", _POOL))
    labels = ", ".join(source.label for source in matcher.sources)
    well = f"No served name is blocked by {labels}; {live} of the day's {len(baits)} baits are."
    return found or [ok(_CHECK, well)]


_SECRET = (
    "Set another secret and keep this one in previous_secrets; if it happens again, report the "
    "rule to adblock-detector."
)
_POOL = "Pick a current pool: detector baits pick, then set the option baits_file."


def _public(url: str) -> str:
    """Replace a numeric or local host by a public name: lists exempt local addresses."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        ip_address(host)
    except ValueError:
        if host != "localhost" and "." in host:
            return url
    return urlunsplit(("https", _STAND_IN, parts.path, parts.query, ""))
