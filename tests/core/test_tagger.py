"""Which pages get the tag, with which flags, and how it is built and remembered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from detector.core import tagger
from detector.core.html.headers import by_name
from detector.core.html.injector import Injector
from detector.core.html.page_flags import PageFlags
from detector.core.html.page_info import NO_PAGE_INFO, KnownPage, PageInfo
from detector.core.html.preload import Preload
from detector.core.request import Request
from detector.core.site import Site
from tests.conftest import FIREFOX, GOOGLEBOT
from tests.core.html.test_page_flags import flags_in
from tests.support.tags import LINE, group_of, script, tags

MakeSite = Callable[..., Site]
HTML = ("Content-Type", "text/html")
PRIVATE = ("Cache-Control", "private")
POLICY = "Content-Security-Policy"


def place(
    site: Site,
    *headers: tuple[str, str],
    page: PageInfo = NO_PAGE_INFO,
    status: int = 200,
    **request: str,
) -> Injector | None:
    """Return the injector of a page with these headers, requested with others."""
    sent = {"user-agent": FIREFOX, **{k.replace("_", "-"): v for k, v in request.items()}}
    return site.tagger.injector(
        Request("GET", headers=sent), status, by_name([HTML, *headers]), page
    )


def tag_at(site: Site, *headers: tuple[str, str], **more: Any) -> bytes:
    """Return the tag of a page that gets one."""
    found = place(site, *headers, **more)
    assert found is not None
    return found.tag


def test_a_page(site: Site) -> None:
    """A page's tag has its mount and group; whether a shared cache may store it is known."""
    page = KnownPage(mount="/news", group="/article/*")
    for headers, shared in (([], True), ([PRIVATE], False)):
        found = place(site, *headers, page=page)
        assert found is not None
        assert (found.group, found.shared, found.private) == ("/article/*", shared, False)
        assert found.counted is True
        assert group_of(found.tag.decode(), site) == "/article/*"
        src, _ = script(found.tag.decode())
        assert src == f"/news/{site.names.prefix}/{site.tagger.file()}"
        assert site.names.attribute in found.tag.decode()


@pytest.mark.parametrize(
    ("agent", "more", "private", "public"),
    [
        (FIREFOX, {}, True, True),
        (GOOGLEBOT, {}, False, True),
        (FIREFOX, {"x_requested_with": "XMLHttpRequest"}, False, True),
        (GOOGLEBOT, {"x_requested_with": "XMLHttpRequest"}, False, True),
    ],
)
def test_who_gets_no_tag(
    site: Site, agent: str, more: dict[str, Any], private: bool, public: bool
) -> None:
    """Robots and scripts get none, where no shared cache would give theirs to somebody else."""
    assert (place(site, PRIVATE, user_agent=agent, **more) is not None) is private
    assert (place(site, user_agent=agent, **more) is not None) is public


def test_robots_that_are_treated_as_people(make_site: MakeSite) -> None:
    """For QA an automated browser's page is tagged too."""
    site = make_site(treat_bots_as_people=True)
    assert place(site, PRIVATE, user_agent=GOOGLEBOT) is not None


@pytest.mark.parametrize("paths", [[], ["/a"]])
def test_error_pages(make_site: MakeSite, paths: list[str]) -> None:
    """From the status 400 on a page shows no notice, whatever rules there are."""
    rule = {"notice": "modal", **({"paths": paths} if paths else {})}
    site = make_site(error_pages=True, notice_rules=[rule])
    for status, notice in ((200, ""), (400, "none"), (404, "none"), (500, "none")):
        flags = flags_in(tag_at(site, status=status, page=KnownPage(path="/a")))
        assert flags == PageFlags(notice, 1 if paths else None)


@pytest.mark.parametrize(
    ("headers", "nonce", "wanted", "inline"),
    [
        ([], "", "", True),
        ([], "abc", "abc", True),
        ([(POLICY, "script-src 'nonce-xyz'")], "", "xyz", True),
        ([(POLICY, "script-src 'nonce-xyz' 'nonce-abc'")], "abc", "abc", True),
        ([(POLICY, "script-src 'self'")], "abc", "", False),
        ([(POLICY, "img-src *")], "abc", "abc", True),
        ([(f"{POLICY}-Report-Only", "script-src 'nonce-xyz'")], "", "xyz", True),
        ([(f"{POLICY}-Report-Only", "script-src 'nonce-xyz'")], "abc", "xyz", True),
    ],
)
def test_policies(
    site: Site, headers: list[tuple[str, str]], nonce: str, wanted: str, inline: bool
) -> None:
    """The tag has the nonce that the page's policy allows, and the inline line where it may run."""
    tag = tag_at(site, *headers, page=KnownPage(nonce=nonce)).decode()
    assert tag.count(f' nonce="{wanted}"') == (2 if wanted else 0)
    assert tag.count(" nonce=") == (2 if wanted else 0)
    assert tag.count("<script") == (2 if inline else 1)


def test_a_policy_that_refuses_the_script(site: Site) -> None:
    """There is nothing to place then, neither by the middleware nor by a preview link."""
    refusing = (POLICY, "script-src 'none'")
    assert place(site, refusing) is None
    query = site.simulate_link("https://news.example/", "modal").partition("?")[2]
    assert place(site, refusing, page=KnownPage(query=query)) is None


@pytest.mark.parametrize("mode", ["modal", "explain"])
def test_a_preview_link(site: Site, mode: str) -> None:
    """Its page is stored by no cache and counted by nothing; its scripts are below the mount."""
    query = site.simulate_link("https://news.example/", mode).partition("?")[2]
    found = place(site, page=KnownPage(mount="/news", query=query))
    assert found is not None
    assert (found.private, found.counted) == (True, False)
    scripts = found.tag.count(b' src="')
    assert found.tag.count(f' src="/news/{site.names.prefix}/'.encode()) == scripts
    assert scripts == (2 if mode == "explain" else 1)


def test_warnings_are_bounded(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    """Of twenty wrong modes each is logged once; a page that makes up more fills no log."""
    for _ in range(2):
        for number in range(30):
            site.tagger.tag(notice=f"mode-{number}")
    assert len(caplog.messages) == 20


def test_the_tag_of_a_template(make_site: MakeSite, caplog: pytest.LogCaptureFixture) -> None:
    """A template's tag is that of a page; where policies refuse the inline line it is left out."""
    site = make_site(notice_rules=[{"paths": ["/a*"], "notice": "none"}])
    tag = site.tagger.tag(mount="/news", group="/article/*", path="/abc")
    assert tag == tag_at(site, page=KnownPage(mount="/news", group="/article/*", path="/abc"))
    assert site.tagger.tag() == tag_at(site)
    assert flags_in(site.tagger.tag()) == PageFlags(rules=0)
    assert site.tagger.tag(inline=False) == tag_at(site).removeprefix(LINE.encode())
    assert site.tagger.tag(nonce="abc") == tag_at(site, page=KnownPage(nonce="abc"))
    assert caplog.text == ""


def test_tags_are_remembered(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A group's tag is built once, one with a nonce each time; a thousand are remembered."""
    assert site.tagger.tag(group="/a") is site.tagger.tag(group="/a")
    assert len(site.tagger._tags) == 1
    for number in range(5):
        site.tagger.tag(group="/a", nonce=f"nonce{number}")
    assert len(site.tagger._tags) == 1
    monkeypatch.setattr(tagger, "_TAGS", 3)
    for number in range(5):
        assert tags(site.tagger.tag(group=f"/{number}")) == 1
    assert len(site.tagger._tags) == 3


def test_a_line_for_visitors_without_scripts(make_site: MakeSite) -> None:
    """It stands behind the tag."""
    tag = make_site(noscript=True).tagger.tag()
    assert tag.startswith(make_site().tagger.tag() + b"<noscript>")


@pytest.mark.parametrize("inline", [True, False])
def test_a_tag_by_hand(site: Site, inline: bool) -> None:
    """Its address has a hash that no content has, so it stays the same across versions."""
    tag = site.tagger.pasted("/news", "/article/*", inline).decode()
    assert tag.startswith(LINE) is inline
    src, _ = script(tag.removeprefix(LINE))
    assert src == f"/news/{site.names.prefix}/{site.names.script('detect', 'b' * 8)}"
    assert group_of(tag, site) == "/article/*"
    assert f' {site.names.attribute}="' in tag
    assert site.tagger.pasted("", "") == site.tagger.pasted("", "", True)


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ({}, None),
        ({"reuse_minutes": 5}, {"minutes": 5}),
        ({"reuse_minutes": 5, "level": "local"}, None),
        ({"reuse_minutes": 5, "level": "local", "single_page": True}, {"single_page": True}),
        ({"single_page": True, "gpc": "local"}, {"single_page": True, "signals": True}),
        ({"consent": "tcf"}, {"consent": "tcf"}),
    ],
)
@pytest.mark.parametrize("lasting", [False, True])
def test_the_script_of_the_tag(
    make_site: MakeSite, options: dict[str, Any], wanted: dict[str, Any] | None, lasting: bool
) -> None:
    """Options that the page must know before it asks have their script, with a query of them."""
    site = make_site(**options)
    file, _, query = site.tagger.file(lasting).partition("?")
    assert file.endswith("bbbbbbbb.js") is lasting
    assert site.names.script_of(file) == ("preload" if wanted else "detect")
    if wanted:
        entry = site.names.storage_key if "minutes" in wanted else ""
        read = Preload.read(query)
        assert read is not None and site.names.script_of(f"{read.detect}.js") == "detect"
        assert read == Preload(read.detect, entry=entry, **wanted)
    assert site.tagger.file() == site.tagger.file(lasting=False)
