"""Members' pages: neither looked at nor asked, counted as ad-free, and in no share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response, g

from detector.analytics.query import query, summary
from detector.asgi import DetectorMiddleware as Asgi
from detector.core.config.loading import make_config
from detector.core.html.page_flags import PageFlags
from detector.core.site import Site
from detector.flask import Detector
from detector.stores.sqlite.store import SqliteStore
from detector.wsgi import DetectorMiddleware as Wsgi
from detector.wsgi import detector_tag
from tests.conftest import GOOGLEBOT, SECRET
from tests.core.endpoints.conftest import VIEW, Visit
from tests.core.html.test_page_flags import flags_in
from tests.support.calls import call_asgi, call_wsgi

MakeSite = Callable[..., Site]
PAGE = b"<!doctype html><html><head></head><body>x</body></html>"
PRIVATE = [("Content-Type", "text/html"), ("Cache-Control", "private")]
MEMBER = PageFlags(ad_free=True)


def free(visit: Visit, more: str = "") -> bool:
    """Whether the bootstrap has nothing to look with, and the view counts as ad-free alone."""
    before = visit.counted("ad-free")
    told = visit.control(more=more)
    counted = visit.counted("ad-free") - before
    assert counted == (told == {"v": VIEW})
    assert visit.counted("passed") == 0
    return bool(counted)


def test_page_with_the_flag(site: Site) -> None:
    """A member's view gets nothing to look with, is counted by its group, and is no view."""
    visit = Visit(site, MEMBER)
    assert free(visit)
    assert visit.counted("ad-free", dimension="group", value="/article/*") == 1
    assert visit.counted("view") == 0


@pytest.mark.parametrize(
    ("value", "marked"),
    [
        *(("&f=", True), ("&f=true", True), ("&f=True", True), ("&f=1", True)),
        *(("", False), ("&f=undefined", False), ("&f=False", False), ("&f=0", False)),
        *(("&f=no", False), ("&f=None", False)),
    ],
)
def test_attribute_of_the_page(site: Site, value: str, marked: bool) -> None:
    """The attribute counts as HTML's are written and as templates print a Boolean; else nothing."""
    assert free(Visit(site), value) is marked


def test_another_look_is_not_counted(site: Site) -> None:
    """A member's page that is looked at again gets nothing, and counts nothing."""
    visit = Visit(site, MEMBER)
    assert visit.control(more="&a=1") == {"v": VIEW}
    assert visit.counted("ad-free") == visit.counted("passed") == 0


def test_robots_are_no_members(site: Site) -> None:
    """A robot on a member's page is counted as a robot."""
    visit = Visit(site, MEMBER, **{"user-agent": GOOGLEBOT})
    assert visit.control() == {"v": VIEW}
    assert (visit.counted("ad-free"), visit.counted("passed")) == (0, 1)


def test_members_are_counted_outside_the_share(make_site: MakeSite) -> None:
    """The option `share` leaves out views that are probed, and no member."""
    visit = Visit(make_site(share=0.0001), MEMBER)
    visit.control("9" * 20)
    assert (visit.counted("ad-free"), visit.counted("passed")) == (1, 0)


def test_without_consent(site: Site) -> None:
    """The flag survives beside that of a page whose visitor may not be counted."""
    assert free(Visit(site, "~ml"))


def test_the_tag_of_a_template(site: Site) -> None:
    """A template may ask for it as it asks for a mode, and its tag has no mode then."""
    assert flags_in(site.tagger.tag(notice="ad-free")) == MEMBER


@pytest.fixture
def flask_tag(tmp_path: Path) -> Callable[..., bytes]:
    """Return what sends a page of a Flask app and returns it."""

    def send(cache: str = "private", **marks: Any) -> bytes:
        app = Flask("members", instance_path=str(tmp_path))
        Detector(app, secret=SECRET, store=str(tmp_path / "x.sqlite"))

        def page() -> Response:
            for name, value in marks.items():
                setattr(g, name, value)
            return Response(PAGE, mimetype="text/html", headers={"Cache-Control": cache})

        app.add_url_rule("/", "page", page)
        try:
            body: bytes = app.test_client().get("/", headers={"User-Agent": "Firefox"}).data
            return body
        finally:
            app.extensions["detector"].close()

    return send


def test_flask(flask_tag: Callable[..., bytes]) -> None:
    """`g.ad_free` marks the page; false values do not, and it goes before a mode."""
    assert flags_in(flask_tag(ad_free=True)) == MEMBER
    assert flags_in(flask_tag(ad_free=True, ad_notice="modal")) == MEMBER
    assert flags_in(flask_tag(ad_free=False, ad_notice="modal")) == PageFlags("modal")
    assert flags_in(flask_tag()) == PageFlags()


def test_what_a_cache_may_hand_to_everybody(flask_tag: Callable[..., bytes]) -> None:
    """The mark of one member is never in a page that a shared cache may store."""
    for cache in ("public, max-age=60", "max-age=60", ""):
        assert flags_in(flask_tag(cache, ad_free=True)) == PageFlags()


@pytest.mark.parametrize("by_template", [False, True])
def test_wsgi(site: Site, by_template: bool) -> None:
    """The environ marks the page of any WSGI app, also by its template's tag."""

    def app(environ: dict[str, Any], start: Callable[..., object]) -> Iterable[bytes]:
        environ["detector.ad_free"] = True
        tag = detector_tag(environ).encode() if by_template else b""
        start("200 OK", PRIVATE)
        return [PAGE.replace(b"<head>", b"<head>" + tag)]

    body = call_wsgi(Wsgi(app, site=site)).body
    assert body.count(b" async data-") == 1
    assert flags_in(body) == MEMBER


def test_asgi(site: Site) -> None:
    """The scope marks the page of any ASGI app."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope["ad_free"] = True
        headers = [(k.encode(), v.encode()) for k, v in PRIVATE]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": PAGE})

    assert flags_in(call_asgi(Asgi(app, site=site)).body) == MEMBER


def test_a_request_cannot_mark_its_page(site: Site) -> None:
    """Headers and queries that look like the mark have no effect on a page."""

    def app(environ: dict[str, Any], start: Callable[..., object]) -> Iterable[bytes]:
        start("200 OK", PRIVATE)
        return [PAGE]

    sent = {"HTTP_DETECTOR_AD_FREE": "1", "HTTP_AD_FREE": "1", "QUERY_STRING": "ad_free=1&f=1"}
    assert flags_in(call_wsgi(Wsgi(app, site=site), **sent).body) == PageFlags()


def test_figures(tmp_path: Path) -> None:
    """Members are in no view, share or loss, and never taken for pages without a signal."""
    site = Site(make_config(secret=SECRET))
    for _ in range(20):
        site.count("page", group="/a")
        site.count("ad-free", group="/a")
    for _ in range(20):
        site.count("page", group="/a")
        site.count("view", group="/a")
        site.count("verdict", "clear", kind="none", group="/a")
    store = SqliteStore(tmp_path / "counts.sqlite")
    try:
        store.add(site.counters.drain())
        answer, found = query(store, by="group"), summary(store)
    finally:
        store.close()
    total = answer.total
    assert (total.ad_free, total.views, total.measured) == (20, 20, 20)
    assert total.as_dict()["ad_free"] == found.ad_free == found.as_dict()["ad_free"] == 20
    assert answer.unheard is not None
    assert (answer.unheard.missing, answer.unheard.passed) == (0, 0)
    (cell,) = answer.cells
    assert cell.figures.ad_free == 20
