"""Processes a report: parses and checks what it contains, and counts it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from detector.core.baits.site_baits import Baits
from detector.core.config.options import Config
from detector.core.html.page_flags import split
from detector.core.privacy_level import counts, level
from detector.core.reports.parser import Refused, Report, parse, recovered_kind
from detector.core.reports.receiver import ReceivedReport
from detector.core.reports.recent_views import RecentViews
from detector.core.tokens import TokenError, Tokens
from detector.core.user_agent import classify
from detector.core.vocabulary import TEST_ACTIONS

if TYPE_CHECKING:
    from detector.core.counting.verdict_hook import VerdictHook


Counted = tuple[str, str, dict[str, str]]
"""An action with its state and dimensions."""


class CountReport(Protocol):
    """Counts an action that one view reports, and what follows from it."""

    def __call__(self, view: tuple[str, int], *counted: Counted) -> None:
        """Count all, or none for a repeat; a view is its id and the time its token was signed."""


class ReportProcessor:
    """Processes the reports of one site; `views` may be those of a site that this one replaces."""

    def __init__(
        self,
        config: Config,
        tokens: Tokens,
        views: RecentViews,
        count: CountReport,
        baits: Mapping[str, Baits],
        hook: VerdictHook | None = None,
    ) -> None:
        self.views = views
        self._config = config
        self._variants = frozenset(one["name"] for one in config.variants)
        self._tokens = tokens
        self._count = count
        self._baits = baits
        self._hook = hook

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
        if report.action in TEST_ACTIONS and report.variant not in self._variants:
            raise Refused("value")
        if not self.views.once(view, report.action or "verdict"):
            raise Refused("repeat")
        dims = {"group": group, "browser": visitor.browser, "device": visitor.device}
        if report.action in TEST_ACTIONS:
            self._count(dated, (report.action, "", dims | {"variant": report.variant}))
            return ""
        if report.action:
            dims |= {"kind": report.kind or "none"} | self._notice(report)
            if report.action == "disputed":
                self._count(dated, (report.action, "", dims | {"signals": report.signals}))
                return ""
            self._count(dated, (report.action, report.state, dims))
            return report.state if allowed == "full" and report.action == "allowed" else ""
        state = self._corroborated(report, view)
        more: list[Counted] = []
        if state != report.state:
            more.append(("corrected", report.state, {}))
        kind = "none" if state in ("clear", "unknown") else report.kind or "none"
        counted = {"kind": kind, **dims}
        if state == "blocked":
            from detector.core.reports.asked_baits import asked_baits

            arrived = self.views.arrived(view)
            counted |= asked_baits(self._baits.values(), dated[1], report, arrived)
        more += self._won(state, dims, report.recovered)
        if state == "clear" and report.won in self._variants:
            session = dims | {"variant": report.won}
            more.append(("won", "", session))
            # By itself: a forger may tell it in a report of its own as well, and one counts.
            if report.stayed and self.views.once(view, "stayed"):
                self._count(dated, ("stayed", "", session))
        self._count(dated, ("verdict", state, counted), *more)
        self._call_hook(state, kind, dims)
        return state if allowed == "full" else ""

    def reuse(self, view: tuple[str, int], mark: str, dims: dict[str, str]) -> None:
        """Count the verdict of a view that reuses one of `clear`, once.

        `view` is its id and when it began; `mark` is the one of `recovered`.
        """
        if self.views.once(view[0], "verdict"):
            won = self._won("clear", dims, recovered_kind(mark))
            self._count(view, ("verdict", "clear", {"kind": "none", **dims}), *won)
            self._call_hook("clear", "none", dims)

    def _won(self, state: str, dims: dict[str, str], recovered: str) -> list[Counted]:
        """Return what a view counts besides its verdict if it was won back."""
        won = recovered and state in ("clear", "partial")
        return [("recovered", "", {"kind": recovered, **dims})] if won else []

    def _call_hook(self, state: str, kind: str, dims: dict[str, str]) -> None:
        if self._hook:
            self._hook(state, kind, **dims)

    def _notice(self, report: Report) -> dict[str, str]:
        """Return the dimensions of the notice that the action was on, if the site has it."""
        out = {"mode": report.mode or self._config.notice}
        if report.variant in self._variants:
            out["variant"] = report.variant
        if report.locale:
            out["locale"] = report.locale
        return out

    def _corroborated(self, report: Report, view: str) -> str:
        """Return the state as corrected by the server: a bait that arrived was not blocked."""
        if report.state not in ("blocked", "partial") or report.elements:
            return report.state
        missing = set(report.failed) - self.views.arrived(view)
        return report.state if len(missing) >= 2 else "unknown"
