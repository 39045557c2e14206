"""Processes a report in two steps: first its request, then its content.

Only the first step needs the request; for the second only the body, the user agent and whether the
visitor objects are kept.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol
from urllib.parse import urlsplit

from detector.core.config.options import Config
from detector.core.counting.verdict_hook import VerdictHook
from detector.core.html.headers import RequestHeaders
from detector.core.html.page_flags import split
from detector.core.privacy_level import counts, level, objects
from detector.core.reports.client_address import ClientAddresses
from detector.core.reports.parser import LIMIT, Refused, Report, parse
from detector.core.reports.recent_views import RecentViews
from detector.core.request import Request
from detector.core.tokens import TokenError, Tokens
from detector.core.user_agent import classify


class ReceivedReport(NamedTuple):
    """A report that was received but not yet parsed."""

    body: bytes
    user_agent: str | None
    objects: bool


class Limit(Protocol):
    """Limits how many reports of one client count."""

    def takes(self, client: str) -> bool:
        """Whether one more report of this client counts."""


class CountReport(Protocol):
    """Counts an action that one view reports."""

    def __call__(
        self, view: tuple[str, int], action: str, state: str, dims: dict[str, str]
    ) -> None:
        """Count an action once per view; a view is its id and the time its token was signed."""


class ReportProcessor:
    """Processes the reports of one site; `views` may be those of a site that this one replaces."""

    def __init__(
        self,
        config: Config,
        tokens: Tokens,
        views: RecentViews,
        clients: ClientAddresses,
        limit: Limit,
        count: CountReport,
        hook: VerdictHook,
    ) -> None:
        self.views = views
        self._config = config
        self._tokens = tokens
        self._clients = clients
        self._limit = limit
        self._count = count
        self._hook = hook

    def receive(self, request: Request) -> ReceivedReport:
        """Check and read a report's request; raises Refused."""
        headers = request.headers
        if not counts(self._config.level):
            raise Refused("consent")
        if not self._limit.takes(self._clients.client(request.remote, headers)):
            raise Refused("rate")
        if not same_origin(headers):
            raise Refused("origin")
        if headers.get("content-encoding") not in (None, "identity"):
            raise Refused("encoding")
        try:
            body = request.read(LIMIT + 1)
        except (OSError, ValueError):
            raise Refused("size") from None
        return ReceivedReport(body, headers.get("user-agent"), objects(headers))

    def process(self, received: ReceivedReport) -> str:
        """Count a report; return the state to keep in the visitor's browser, "" for none.

        Raises Refused.
        """
        report = parse(received.body)
        visitor = classify(received.user_agent)
        config = self._config
        if visitor.bot and not config.treat_bots_as_people:
            raise Refused("bot")
        page_token, flags = split(report.page_token)
        allowed = level(config.level, config.gpc, no_consent=flags.local, objects=received.objects)
        if not counts(allowed):
            raise Refused("consent")
        try:
            group = self._tokens.read_page(page_token)
            dated = self._tokens.read_dated_view(report.view_token)
        except TokenError as error:
            raise Refused(error.reason) from None
        view = dated[0]
        if not self.views.once(view, report.action or "verdict"):
            raise Refused("repeat")
        dims = {"group": group, "browser": visitor.browser, "device": visitor.device}
        if report.action:
            dims |= {"kind": report.kind or "none"} | self._notice(report)
            self._count(dated, report.action, report.state, dims)
            return report.state if allowed == "full" and report.action == "allowed" else ""
        state = self._corroborated(report, view)
        if state != report.state:
            self._count(dated, "corrected", report.state, {})
        kind = (report.kind or "none") if state in ("blocked", "unreachable") else "none"
        self._count(dated, "verdict", state, {"kind": kind, **dims})
        if report.recovered and state == "clear":
            self._count(dated, "recovered", "", {"kind": report.recovered, **dims})
        self._hook(state, kind, **dims)
        return state if allowed == "full" else ""

    def _notice(self, report: Report) -> dict[str, str]:
        """Return the dimensions of the notice that the action was on, if the site has it."""
        out = {"mode": report.mode or self._config.notice}
        if any(one["name"] == report.variant for one in self._config.variants):
            out["variant"] = report.variant
        if report.locale:
            out["locale"] = report.locale
        return out

    def _corroborated(self, report: Report, view: str) -> str:
        """Return the state as corrected by the server: a bait that arrived was not blocked."""
        if report.state != "blocked" or report.elements:
            return report.state
        missing = set(report.failed) - self.views.arrived(view)
        return report.state if len(missing) >= 2 else "unknown"


def same_origin(headers: RequestHeaders) -> bool:
    """Whether a request comes from a page of this host, by the most reliable header present."""
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
