"""The pages that `vitals.py` measures, each under two hosts: with the detector and without it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from bench import limits
from bench.apps import SECRET
from detector.demo import content
from detector.demo.app import create_app
from detector.testing.internet import Internet
from e2e.support.apps.running import APPS, RealApp
from e2e.support.newspaper import HOST, newspaper, one_page
from e2e.support.single_page import serve

PLAIN_HOST = f"plain.{HOST}"
LIMIT_HOST = f"limit.{HOST}"
"""Has a script without a statement where the tag would be: what any script costs the page."""
Serving = Callable[[Internet, Path], AbstractContextManager[str]]
"""Serves a site under both hosts; yields the session of a logged-in user, or an empty text."""


@dataclass(frozen=True)
class MeasuredPage:
    """One page: its path, the element that is clicked, and the verdict that it has to come to."""

    name: str
    serving: Serving
    path: str
    clicked: str
    state: str = "clear"
    has_limit: bool = False
    """Whether it is served under `LIMIT_HOST` too."""

    @property
    def blocked(self) -> bool:
        """Whether its baits are cut, so that a notice is shown."""
        return self.state == "blocked"


@contextmanager
def _newspaper(net: Internet, folder: Path, *, cut: bool = False, **options: Any) -> Iterator[str]:
    net.site(PLAIN_HOST, create_app(secret=SECRET, detector=False))
    net.answer(LIMIT_HOST, limits.newspaper(";"))
    paper = newspaper(net, folder, **options)
    if cut:
        paper.cut_baits()
    try:
        yield ""
    finally:
        net.reset()
        paper.site.close()


@contextmanager
def _real_app(name: str, net: Internet, folder: Path) -> Iterator[str]:
    app = RealApp(next(about for about in APPS if about.name == name), folder)
    try:
        app.wait()
        net.forward(PLAIN_HOST, "127.0.0.1", app.plain)
        net.forward(HOST, "127.0.0.1", app.ours)
        yield app.session
    finally:
        app.stop()


@contextmanager
def _react(net: Internet, folder: Path) -> Iterator[str]:
    plain, ours = (
        one_page(
            net,
            folder,
            setup=lambda app: serve(app, "react"),
            single_page=True,
            enabled=enabled,
        )
        for enabled in (False, True)
    )
    net.site(PLAIN_HOST, plain.app)
    try:
        yield ""
    finally:
        for paper in (plain, ours):
            paper.site.close()


def _article() -> str:
    lead = content.edition().articles[0]
    return f"/{lead.section.slug}/{lead.slug}"


PAGES = (
    MeasuredPage("newspaper, home", _newspaper, "/", ".motto", has_limit=True),
    MeasuredPage("newspaper, article", _newspaper, _article(), ".motto"),
    MeasuredPage(
        "Datasette, table",
        partial(_real_app, "datasette_app"),
        "/harbour/boats?_facet=kind&_sort=name",
        "h1",
    ),
    MeasuredPage(
        "Django's admin", partial(_real_app, "django_admin_app"), "/admin/", "#content h1"
    ),
    MeasuredPage("React app", _react, "/", "main button"),
    MeasuredPage(
        "newspaper, blocked (emulation)",
        partial(_newspaper, cut=True, notice="corner"),
        "/",
        ".motto",
        state="blocked",
    ),
)
