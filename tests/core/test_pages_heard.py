"""Which requests count as pages, and which views tell that a page's script was heard from."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from detector.analytics.figures import Unheard, unheard
from detector.core.counting.store import Sum
from detector.core.html.injector import Injector
from detector.core.html.page_flags import PageFlags
from detector.core.html.page_info import KnownPage
from detector.core.request import Request
from detector.core.response import ResponseRewriter
from detector.core.site import Site
from tests.conftest import FIREFOX, GOOGLEBOT
from tests.core.endpoints.conftest import Visit
from tests.core.html.test_page_flags import flags_in

MakeSite = Callable[..., Site]
GROUP = "/article/*"
PAGE = b"<!doctype html><html><head></head><body>x</body></html>"
UNSEEN = "&n=true"
"""What the script sends where its document came from a cache, or changed in place."""


def send(site: Site, cache: str = "private", **headers: str) -> PageFlags:
    """Send a page to a request with these headers; return the flags of its tag."""
    sent = {"user-agent": FIREFOX, **{k.replace("_", "-"): v for k, v in headers.items()}}
    rewriter = ResponseRewriter(site, {}, Request("GET", "/", "", sent), KnownPage(group=GROUP))
    rewriter.start(200, [("Content-Type", "text/html"), ("Cache-Control", cache)])
    return flags_in(rewriter.feed(PAGE) + rewriter.finish())


def heard(site: Site) -> Unheard:
    """Return what is known of the pages that were sent."""
    rows = site.counters.snapshot()
    return unheard(
        Sum(key[0], key[3], key[4], key[5], n) for key, n in rows.items() if key[2] == "group"
    )


def views(site: Site, number: int, flags: object = "", more: str = "", **headers: str) -> None:
    """Begin this many views of pages with these flags."""
    visit = Visit(site, flags, **headers)
    start = visit.counted("view") + visit.counted("passed") + visit.counted("ad-free")
    for n in range(number):
        visit.control(f"{start + n:020}", more)


@pytest.mark.parametrize(("shared", "action"), [(True, "page-shared"), (False, "page")])
def test_a_page_is_counted_by_its_group(site: Site, shared: bool, action: str) -> None:
    """Pages that a shared cache may store are apart: it sends them again without us."""
    site.placed(Injector(b"tag", GROUP, shared))
    visit = Visit(site)
    assert visit.counted(action) == visit.counted(action, dimension="group", value=GROUP) == 1
    site.placed(Injector(b"tag", GROUP, shared, counted=False))
    assert visit.counted(action) == 1


@pytest.mark.parametrize("part", ["counters", "_pages"])
def test_a_page_that_cannot_be_counted(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, part: str
) -> None:
    """An error in counting is kept from the page and says where it was."""
    broken = getattr(site, part)
    monkeypatch.setattr(broken, "count" if part == "counters" else "put", lambda *_, **__: 1 / 0)
    site.placed(Injector(b"tag", GROUP))
    assert "detector: an error in counting a page was kept from the page" in caplog.messages


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec_fetch_dest": "document"},
        {"sec_fetch_dest": "document", "sec_purpose": ""},
    ],
)
def test_a_navigation_is_a_page(site: Site, headers: dict[str, str]) -> None:
    """So is a request of a browser that does not say what it is for."""
    assert send(site, **headers) == PageFlags()
    assert (heard(site).pages, heard(site).missing) == (1, 1)


@pytest.mark.parametrize("dest", ["empty", "image", "iframe", "frame", "embed", "object", "x"])
@pytest.mark.parametrize("cache", ["private", "public"])
def test_other_requests_are_no_pages(site: Site, dest: str, cache: str) -> None:
    """What is fetched by a script, as a favicon or into a frame is no page, nor is its view."""
    flags = send(site, cache, sec_fetch_dest=dest)
    assert flags == PageFlags(uncounted=cache == "private")
    assert heard(site) == Unheard(0, 0, 0, 0)
    send(site)
    if cache == "private":
        views(site, 1, flags)
        assert heard(site) == Unheard(pages=1, missing=1, not_measurable=0, passed=0)


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_purpose": "prefetch"},
        {"sec_purpose": "prefetch;anonymous-client-ip"},
        {"sec_purpose": "prefetch;prerender", "sec_fetch_dest": "document"},
        {"purpose": "prefetch"},
    ],
)
def test_a_page_fetched_in_advance(site: Site, headers: dict[str, str]) -> None:
    """It is a page once it is shown, and never where it is not."""
    flags = send(site, **headers)
    assert flags == PageFlags(prefetched=True)
    assert heard(site).pages == 0
    views(site, 1, flags)
    assert (heard(site).pages, heard(site).missing) == (1, 0)
    # Shown once more, from the browser's cache.
    views(site, 1, flags, UNSEEN)
    send(site)
    assert (heard(site).pages, heard(site).missing) == (2, 1)


def test_views_from_a_cache_hide_no_page(site: Site) -> None:
    """Two pages, of which one has no script: eight views of the other, seven without a request."""
    for _ in range(2):
        send(site)
    views(site, 1)
    views(site, 7, more=UNSEEN)
    assert (heard(site).pages, heard(site).missing) == (2, 1)
    assert Visit(site).counted("view") == 8


@pytest.mark.parametrize(
    ("flags", "options"),
    [
        (PageFlags(ad_free=True), {}),
        (PageFlags(local=True), {}),
        (PageFlags(), {"share": 0.0001}),
        (PageFlags(), {"reuse_minutes": 5}),
    ],
)
def test_views_that_are_not_probed(
    make_site: MakeSite, flags: PageFlags, options: dict[str, float]
) -> None:
    """Views of members, without consent, outside the share or reused tell the same of pages."""
    site = make_site(**options)
    more = "&r=" if "reuse_minutes" in options else ""
    for _ in range(3):
        send(site)
    visit = Visit(site, flags)
    for n, unseen in enumerate(("", UNSEEN, UNSEEN, UNSEEN)):
        visit.control(f"9999999999999999999{n}", more + unseen)
    assert (heard(site).pages, heard(site).missing) == (3, 2)


def test_robots_are_apart(site: Site) -> None:
    """Robots by name are sent no private page, and not heard; those that automate are left out of
    both sides."""
    for _ in range(5):
        send(site)
    views(site, 3, **{"user-agent": GOOGLEBOT})
    assert (heard(site).pages, heard(site).missing) == (5, 5)
    views(site, 2, more="&w=true")
    assert heard(site) == Unheard(pages=3, missing=3, not_measurable=0, passed=5)


def test_a_second_look_says_nothing(site: Site) -> None:
    """A look that is no view counts for no page."""
    send(site)
    views(site, 1, more="&a=1")
    views(site, 1, PageFlags(prefetched=True), "&a=1")
    assert (heard(site).pages, heard(site).missing) == (1, 1)


def test_a_repeated_bootstrap_counts_no_page(site: Site) -> None:
    """A stranger who repeats the bootstrap of a prefetched page adds one page, heard from."""
    visit = Visit(site, PageFlags(prefetched=True))
    for _ in range(5):
        visit.control()
    assert (heard(site).pages, heard(site).missing) == (1, 0)


@pytest.mark.parametrize("flags", [PageFlags(prefetched=True), PageFlags(uncounted=True)])
@pytest.mark.parametrize("more", ["", UNSEEN])
def test_forged_flags_hide_no_page(site: Site, flags: PageFlags, more: str) -> None:
    """The flags are not signed: whatever a stranger makes of them, no missing page is hidden."""
    for _ in range(4):
        send(site)
    views(site, 20, flags, more)
    assert heard(site).missing == 4
