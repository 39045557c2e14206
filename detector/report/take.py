"""Takes one report, in two steps: the request that brings it, then what it says.

Only the first needs the request; nothing of it is kept for the second but the body, the user agent
and whether the visitor objects.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from detector.level import counts, level, objects
from detector.page.flags import split
from detector.page.headers import RequestHeaders
from detector.report.parse import LIMIT, Refused, Report, parse
from detector.report.tokens import TokenError
from detector.visitor import look

if TYPE_CHECKING:
    from collections.abc import Callable

    from detector.site import Site


class Came(NamedTuple):
    """A report that came in, as far as its request tells."""

    body: bytes
    user_agent: str | None
    objects: bool


def receive(site: Site, headers: RequestHeaders, read: Callable[[int], bytes], remote: str) -> Came:
    """Take a report from its request.

    `read(n)` gives at most n bytes of the body, `remote` is the address that it came from. Raises
    Refused.
    """
    if not counts(site.config.level):
        raise Refused("consent")
    if not site.rate.takes(site.clients.client(remote, headers)):
        raise Refused("rate")
    if not same_origin(headers):
        raise Refused("origin")
    if headers.get("content-encoding") not in (None, "identity"):
        raise Refused("encoding")
    try:
        body = read(LIMIT + 1)
    except (OSError, ValueError):
        raise Refused("size") from None
    return Came(body, headers.get("user-agent"), objects(headers))


def take(site: Site, came: Came) -> str:
    """Count a report; give the state that the visitor's browser is to keep, "" for none.

    Raises Refused.
    """
    report = parse(came.body)
    visitor = look(came.user_agent)
    if visitor.bot and not site.config.treat_bots_as_people:
        raise Refused("bot")
    page_token, flags = split(report.page_token)
    allowed = level(site.config, flags, came.objects)
    if not counts(allowed):
        raise Refused("consent")
    try:
        group = site.tokens.read_page(page_token)
        dated = site.tokens.read_dated_view(report.view_token)
    except TokenError as error:
        raise Refused(error.reason) from None
    view = dated[0]
    if not site.views.once(view, report.action or "verdict"):
        raise Refused("repeat")
    dims = {"group": group, "browser": visitor.browser, "device": visitor.device}
    if report.action:
        dims |= {"kind": report.kind or "none"} | _shown(site, report)
        site.count_report(dated, report.action, report.state, dims)
        return report.state if allowed == "full" and report.action == "allowed" else ""
    state = _corroborated(site, report, view)
    if state != report.state:
        site.count_report(dated, "corrected", report.state, {})
    kind = (report.kind or "none") if state in ("blocked", "unreachable") else "none"
    site.count_report(dated, "verdict", state, {"kind": kind, **dims})
    if report.recovered and state == "clear":
        site.count_report(dated, "recovered", "", {"kind": report.recovered, **dims})
    site.tell(state, kind, **dims)
    return state if allowed == "full" else ""


def _shown(site: Site, report: Report) -> dict[str, str]:
    """Say which notice something was done with, of those that the site has."""
    out = {"mode": report.mode or site.config.notice}
    if any(one["name"] == report.variant for one in site.config.variants):
        out["variant"] = report.variant
    if report.locale:
        out["locale"] = report.locale
    return out


def _corroborated(site: Site, report: Report, view: str) -> str:
    """Give the state that the report may claim: a bait that arrived was not blocked."""
    if report.state != "blocked" or report.elements:
        return report.state
    missing = set(report.failed) - site.views.arrived(view)
    return report.state if len(missing) >= 2 else "unknown"


def same_origin(headers: RequestHeaders) -> bool:
    """Whether a request comes from a page of this host, by the newest header there is."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = headers.get("origin")
    if origin is not None:
        try:
            return urlsplit(origin).netloc == headers.get("host")
        except ValueError:
            return False
    return True
