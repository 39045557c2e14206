"""The site under test: the demo newspaper, or any page, with a real host name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import count
from pathlib import Path
from time import monotonic
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Flask, Response
from playwright.sync_api import Page, Route

from detector.analytics.query import Answer, query
from detector.core.assets import script
from detector.core.baits.site_baits import Choice
from detector.core.counting.store_url import open_store
from detector.core.served_names import ServedNames
from detector.core.site import Site
from detector.demo.app import create_app
from detector.flask import Detector
from detector.testing.adhosts import HARMLESS_HOST, HOSTS
from detector.testing.internet import Internet
from detector.testing.messages import Request
from detector.testing.page_scripts import VERDICT

# Filter lists are partly inactive on localhost and on IP addresses.
HOST = "news.example"
URL = f"https://{HOST}/"
# A secret for each site, so that a late report of one test's page is invalid in the next test.
SECRETS = (f"the secret of the site under test, number {n}" for n in count())
EMPTY = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Page</title>
<link rel="icon" href="data:,"></head><body><h1>Page</h1></body></html>"""
AD_HOSTS = set(HOSTS) - {HARMLESS_HOST}
LIBRARY_HOSTS = {host for host in AD_HOSTS if host.startswith(("pagead2.", "securepub", "www."))}
"""Those that ad libraries come from, without which no ad is requested."""
QUIET = 0.5
"""Seconds without a request after which nothing more is expected, as Playwright counts it too."""
OPEN: list[Site] = []
"""The sites that no test has closed yet."""


class Paper:
    """A site with the detector, its log and its counters."""

    def __init__(self, app: Flask, net: Internet) -> None:
        self.app = app
        self.net = net
        self.site: Site = app.extensions["detector"]
        self.names: ServedNames = self.site.names
        OPEN.append(self.site)
        net.site(HOST, app)

    def asked(self) -> list[Request]:
        """Return the requests for the detector's own URLs, in order."""
        return [r for r in self.net.requests if r.host == HOST and self.names.prefix in r.path]

    def choice(self) -> Choice:
        """Return the baits of today."""
        return self.site.baits[self.names.prefix].choose(int(self.site.clock() // 86400))

    def answer_before(
        self,
        takes: Callable[[str], bool],
        status: str,
        headers: Sequence[tuple[str, str]] = (("Content-Type", "text/html"),),
        body: bytes = b"no",
    ) -> None:
        """Add a front server that answers some paths itself."""
        inner = self.app.wsgi_app

        def front(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            if takes(environ["PATH_INFO"]):
                start_response(status, list(headers))
                return [body]
            return inner(environ, start_response)

        self.app.wsgi_app = front  # type: ignore[method-assign]

    def refuse_baits(self, status: str, *headers_and_body: Any) -> None:
        """Add a front server that answers the paths of all baits itself."""
        pairs = self.site.baits[self.names.prefix].pairs
        paths = {f"/{self.names.prefix}/" + bait.path.partition("?")[0] for bait, _ in pairs}
        self.answer_before(paths.__contains__, status, *headers_and_body)

    def cut_baits(self, *, ads: bool = True) -> None:
        """Cut the connections of all baits, in any browser: an emulation, without Playwright.

        As under most blockers, the libraries of ad networks are cut too, unless `ads` is False.
        """
        baits = self.site.baits[self.names.prefix]

        def takes(request: Request) -> bool:
            path = request.path.partition("?")[0].partition(f"/{self.names.prefix}/")[2]
            found = baits.find(path)
            return found is not None and not found.control

        self.net.cut(HOST, takes)
        for host in LIBRARY_HOSTS:
            self.net.cut(host, lambda _: ads)

    def let_baits_through(self) -> None:
        """Undo `cut_baits`."""
        for host in (HOST, *LIBRARY_HOSTS):
            self.net.cut(host, lambda _: False)

    def script_seen(self, name: str) -> bool:
        """Whether one of the detector's scripts was requested."""
        file = self.names.script(name, script(name).content_hash)
        return any(r.path.endswith("/" + file) for r in self.asked())

    def wait_for_baits(self, count: int) -> None:
        """Wait until this many baits have been answered."""
        baits = self.site.baits[self.names.prefix]

        def answered(request: Request) -> bool:
            path = request.path.partition("?")[0].partition(f"/{self.names.prefix}/")[2]
            return request.status is not None and baits.find(path) is not None

        self.net.wait_for(lambda _: sum(map(answered, self.asked())) >= count)

    def reports(self) -> list[Request]:
        """Return the received reports."""
        return [r for r in self.asked() if r.path.endswith("/" + self.names.report)]

    def report_of(self, page: Page) -> None:
        """Leave a page, and wait for the report that it sends."""
        page.goto("about:blank")
        self.wait_for_report()

    def wait_for_report(self, count: int = 1) -> None:
        """Wait until this many reports have been answered, and thus counted."""
        self.net.wait_for(lambda _: sum(one.status is not None for one in self.reports()) >= count)

    def wait_until_quiet(self, page: Page) -> None:
        """Wait until the page is loaded, and no request was under way for half a second.

        As seen from the test internet: for Playwright a page of Firefox now and then is never idle.
        """
        page.wait_for_load_state("load")
        before, since, end = -1, 0.0, monotonic() + 30
        while True:
            requests = self.net.requests
            if len(requests) != before:
                before, since = len(requests), monotonic()
            waiting = [one.url for one in requests if one.status is None]
            if not waiting and monotonic() - since > QUIET:
                return
            assert monotonic() < end, f"requests still come, or wait: {waiting}"
            page.wait_for_timeout(50)

    def counted(self, action: str, state: str = "", dimension: str = "all", value: str = "") -> int:
        """Return one counter, from memory or from the store."""
        self._flush()
        if not Path(self.site.config.store).exists():
            return 0
        store = open_store(self.site.config.store, readonly=True)
        try:
            return sum(
                number
                for (_, _, d, v, s, a), number in store.rows()
                if (d, v, s, a) == (dimension, value, state, action)
            )
        finally:
            store.close()

    def answer(self) -> Answer:
        """Return the figures of all that was counted."""
        self._flush()
        store = open_store(self.site.config.store, readonly=True)
        try:
            return query(store)
        finally:
            store.close()

    def _flush(self) -> None:
        assert self.site.flusher is not None
        assert self.site.flusher.flush()


def newspaper(net: Internet, folder: Path, early_ads: bool = False, **options: Any) -> Paper:
    """Add the demo newspaper to the test internet.

    A verdict does not wait for ads that are loading, and on a busy machine they may arrive after
    it. With `early_ads` the page itself waits for them.
    """
    options.setdefault("treat_bots_as_people", True)
    app = create_app(secret=next(SECRETS), db=str(folder / "paper.sqlite"), **options)
    if early_ads:
        app.after_request(_wait_for_ads)
    return Paper(app, net)


def _wait_for_ads(response: Response) -> Response:
    if response.mimetype == "text/html":
        response.set_data(response.get_data().replace(b"<script async src=", b"<script src="))
    return response


def one_page(
    net: Internet,
    folder: Path,
    html: str = EMPTY,
    headers: Mapping[str, str] | None = None,
    setup: Callable[[Flask], object] | None = None,
    **options: Any,
) -> Paper:
    """Add a site with one page to the test internet."""
    app = Flask("one", instance_path=str(folder))
    app.add_url_rule(
        "/", "home", lambda: Response(html, mimetype="text/html", headers=dict(headers or {}))
    )
    app.add_url_rule("/favicon.ico", "icon", lambda: Response(status=204))
    if setup:
        setup(app)
    options.setdefault("treat_bots_as_people", True)
    options.setdefault("from_view", 1)
    Detector(app, secret=next(SECRETS), store=str(folder / "one.sqlite"), **options)
    return Paper(app, net)


def verdict_of(page: Page) -> dict[str, Any]:
    """Wait for a page's verdict."""
    found: dict[str, Any] | None = page.evaluate(VERDICT, ["", 20_000])
    assert found is not None, "no verdict within 20 seconds"
    return found


def verdict_on(page: Page) -> dict[str, Any]:
    """Visit the site and wait for the verdict."""
    page.goto(URL)
    return verdict_of(page)


def state_on(page: Page) -> str:
    """Visit the site and wait for the state of its event."""
    state: str = verdict_on(page)["state"]
    return state


def watch_console(page: Page) -> list[str]:
    """Collect every message and error of a page from now on."""
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    page.on("pageerror", lambda error: messages.append(str(error)))
    return messages


def refuse_baits(page: Page, paper: Paper) -> None:
    """Block baits and ad libraries by Playwright: an emulation, for tests without a blocker."""
    baits = paper.site.baits[paper.names.prefix]

    def decide(route: Route) -> None:
        path = route.request.url.partition("?")[0].partition(f"/{paper.names.prefix}/")[2]
        found = baits.find(path)
        route.abort() if found and not found.control else route.continue_()

    page.route(f"**/{paper.names.prefix}/**", decide)
    for host in LIBRARY_HOSTS:
        page.route(f"https://{host}/**", lambda route: route.abort())
