"""What all adapters share: options, page information, errors, and the tag of a template."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from detector.core.errors import ConfigError
from detector.core.html.page_flags import PageFlags
from detector.core.middleware import HERE, BaseMiddleware, Html, Origin, placed
from detector.core.request import Request
from detector.core.response import TAGGED
from detector.core.site import Site
from tests.conftest import FIREFOX, SECRET
from tests.core.html.test_page_flags import flags_in
from tests.support.tags import group_of, script

PAGE = b"<!doctype html><html><head></head><body>x</body></html>"
PRIVATE = [("Content-Type", "text/html"), ("Cache-Control", "private")]
ORIGIN = ("/news", "/town")
RULES = [{"paths": ["/town"], "notice": "none"}]
MakeSite = Callable[..., Site]


class Plain(BaseMiddleware):
    """A middleware whose requests are dicts."""

    ad_free_key = "member"

    def mount(self, source: Any, origin: Origin) -> str:
        """Return the mount point as it was received."""
        return origin[0]


def keyed(site: Site) -> Plain:
    """Return a middleware that asks its requests for everything."""
    asked: dict[str, Any] = {
        name: (lambda source, key=name: source.get(key)) for name in ("group", "nonce")
    }
    return Plain(None, site=site, notice_for=lambda source: source.get("notice"), **asked)


def sent(middleware: Plain, source: dict[str, object]) -> bytes:
    """Return a page that is sent through."""
    request = Request("GET", "/town", "", {"user-agent": FIREFOX})
    rewriter = middleware.rewriter(source, {}, request, ORIGIN)
    rewriter.start(200, PRIVATE)
    return rewriter.feed(PAGE) + rewriter.finish()


def test_options(site: Site) -> None:
    """A middleware makes its site of options, or is given one, but never both."""
    app = object()
    made = Plain(app, secret=SECRET, notice="modal")
    assert (made.app, made.site.config.notice) == (app, "modal")
    assert Plain(app, site=site).site is site
    with pytest.raises(ConfigError) as error:
        Plain(app, site=site, notice="modal", level="stats")
    assert str(error.value) == ("notice, level: pass these options to the Site, or leave site= out")


def test_a_page_is_asked_for_what_is_its_own(make_site: MakeSite) -> None:
    """Group, nonce and mode come from the functions, mount and path from the adapter."""
    site = make_site(notice_rules=RULES)
    middleware = keyed(site)
    page = sent(middleware, {"group": "/t/*", "nonce": "abc", "notice": "modal"}).decode()
    assert group_of(page, site) == "/t/*"
    assert script(page)[0].startswith(f"/news/{site.names.prefix}/")
    assert page.count(' nonce="abc"') == 2
    assert flags_in(page.encode()) == PageFlags("modal", 1, uncounted=False)
    assert flags_in(sent(middleware, {"member": True, "notice": "modal"})).ad_free
    # What a function does not know is as absent as the function.
    assert sent(middleware, {"group": None}) == sent(Plain(None, site=site), {})
    assert Plain(None, site=site).route({}) == ""


def test_errors_in_our_urls(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The app answers in place of a detector that fails, and its pages stay tagged."""
    middleware = Plain(None, site=site)
    path = f"/{site.names.prefix}/nothing"
    answer = middleware.answer(Request("GET", path))
    assert answer is not None and answer.status == 404
    monkeypatch.setattr(middleware.endpoints, "respond", lambda request: 1 / 0)
    assert [middleware.answer(Request("GET", path)) for _ in range(12)] == [None] * 12
    assert caplog.messages == [
        "detector: an error in answering one of our URLs was kept from the page"
    ]
    assert not site.circuit_breaker.is_open()


def test_a_template_places_the_tag(make_site: MakeSite) -> None:
    """Its tag is that of the page, and marks the response so that it gets no other."""
    site = make_site(notice_rules=RULES)
    source = {"group": "/t/*", "nonce": "abc"}
    marks: dict[str, Any] = {HERE: (keyed(site), ORIGIN)}
    about: dict[str, Any] = {"mount": "/news", "group": "/t/*", "path": "/town"}
    tag = placed(source, marks)
    assert isinstance(tag, Html) and tag.__html__() is tag
    assert tag == site.tagger.tag(**about, nonce="abc").decode()
    assert marks[TAGGED] == "by a template"
    # Again where a template has two places, or says more than the request does.
    for more in ({"nonce": "xyz"}, {"notice": "modal"}, {"inline": False}):
        wanted = {**about, "nonce": "abc", **more}
        assert placed(source, marks, **more) == site.tagger.tag(**wanted).decode()
    slot = {**source, "notice": "slot"}
    wanted = {**about, "nonce": "abc", "notice": "slot"}
    assert placed(slot, marks) == site.tagger.tag(**wanted).decode()
    assert placed(slot, marks, notice="modal") == (
        site.tagger.tag(**about, nonce="abc", notice="modal").decode()
    )


def test_where_a_template_places_nothing(site: Site) -> None:
    """Nothing wraps the app, the page has its tag, or pages are left alone."""
    assert placed({}, {}) == ""
    here = {HERE: (keyed(site), ORIGIN)}
    assert placed({}, marks := {**here, TAGGED: True}) == ""
    assert marks[TAGGED] is True
    site.pause()
    assert placed({}, marks := dict(here)) == ""
    assert TAGGED not in marks


def test_errors_in_a_template(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    """What an owner's function raises leaves the page without a tag, and is logged."""
    marks = {HERE: (Plain(None, site=site, group=lambda source: 1 / 0), ORIGIN)}  # type: ignore[arg-type,return-value]
    assert placed({}, marks) == ""
    assert TAGGED not in marks
    assert caplog.messages == [
        "detector: an error in making a tag for a template was kept from the page"
    ]
