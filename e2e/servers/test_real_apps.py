"""Real open-source apps, with and without the detector: the same pages except for the tag."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from detector.testing.fixtures import OpenPage
from detector.testing.internet import Internet
from e2e.support.apps.running import APPS, Loaded, RealApp
from e2e.support.newspaper import HOST, verdict_of, watch_console
from tests.support.tags import strip, tags

PLAIN_HOST = f"plain.{HOST}"
# Django's form for a new user logs this in every other load, plain too: its own script and its
# autofocus attribute race each other.
RACY = "Autofocus processing was blocked because a document already has a focused element."


@pytest.fixture(scope="module", params=APPS, ids=lambda app: str(app.name))
def app(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RealApp]:
    """Yield each app, started once."""
    started = RealApp(request.param, tmp_path_factory.mktemp(request.param.name))
    try:
        started.wait()
        yield started
    finally:
        started.stop()


def comparable(loaded: Loaded) -> Loaded:
    """Return the headers without those that the tag has to change."""
    status, headers, body = loaded
    return status, [pair for pair in headers if pair[0] not in ("content-length", "etag")], body


def test_same_page(app: RealApp) -> None:
    """Every page is the plain one plus one tag; headers differ in length and ETag at most."""
    for path in app.about.pages:
        app.load(app.plain, path)  # fills the app's own caches, which the toolbar's figures show
        plain, again = (comparable(app.load(app.plain, path)) for _ in range(2))
        assert plain == again, f"{path}: the masks leave something out"
        status, headers, body = comparable(app.load(app.ours, path))
        assert tags(plain[2].encode()) == 0, path
        assert (200, headers, strip(body.encode()).decode()) == plain and status == 200, path


def test_same_file(app: RealApp) -> None:
    """Responses that are not pages are identical, with all headers."""
    plain = app.load(app.plain, app.about.file)
    assert plain[0] == 200 and plain == app.load(app.ours, app.about.file)


def test_same_in_a_browser(app: RealApp, open_page: OpenPage, net: Internet) -> None:
    """No page logs more to the console than the plain one, and each is clear."""
    net.forward(PLAIN_HOST, "127.0.0.1", app.plain)
    net.forward(HOST, "127.0.0.1", app.ours)
    page = open_page("none")
    if app.session:
        for host in (HOST, PLAIN_HOST):
            page.context.add_cookies(
                [{"name": "sessionid", "value": app.session, "domain": host, "path": "/"}]
            )
    messages = watch_console(page)
    for path in app.about.pages:
        page.goto(f"https://{PLAIN_HOST}{path}", wait_until="networkidle")
        plain = Counter(message.replace(PLAIN_HOST, HOST) for message in messages)
        messages.clear()
        page.goto(f"https://{HOST}{path}", wait_until="networkidle")
        assert verdict_of(page)["state"] == "clear", path
        more = Counter(message for message in messages if message != RACY) - plain
        assert not more, f"{path}: {more}"
        messages.clear()
