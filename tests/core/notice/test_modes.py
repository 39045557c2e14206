"""The server's decisions: whether, in which mode and how often the notice is shown."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any

import pytest

from detector.core.config.loading import make_config
from detector.core.config.notice_options import bundle
from detector.core.errors import ConfigError
from detector.core.html.headers import by_name
from detector.core.html.page_flags import PageFlags, split
from detector.core.html.page_info import KnownPage
from detector.core.notice.modes import choose, fitting, rules
from detector.core.request import Request
from detector.core.site import Site
from detector.core.vocabulary import KINDS_OR_UNSURE, MODES
from tests.conftest import FIREFOX, SECRET
from tests.support.visiting import Visit

MakeSite = Callable[..., Site]
HTML = [("Content-Type", "text/html")]
PRIVATE = [*HTML, ("Cache-Control", "private")]
AGENT = {"user-agent": FIREFOX}


def flags_of(tag: bytes) -> PageFlags:
    """Return what a page's tag says about the page."""
    found = re.search(r' async data-\w+="([^"]+)"', tag.decode())
    assert found is not None
    return split(found[1])[1]


def modes_of(site: Site, path: str, **headers: str) -> Any:
    """Return what the bootstrap says about the mode on a page."""
    made = site.tagger.injector(Request("GET"), 200, by_name(HTML), KnownPage(path=path))
    assert made is not None
    return Visit(site, flags_of(made.tag), **headers).control().get("m")


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_reaches_the_page(make_site: MakeSite, mode: str) -> None:
    """The bootstrap holds the mode; with mode none it has neither mode nor script."""
    told = Visit(make_site(notice=mode, redirect_url="/why")).control()
    assert told.get("m") == (None if mode == "none" else mode)
    assert ("n" in told, "c" in told, "k" in told) == (mode != "none",) * 3


def test_rules_by_path(make_site: MakeSite) -> None:
    """The first rule whose pattern matches the path decides; on other paths the option does."""
    site = make_site(
        notice="corner",
        notice_rules=[
            {"paths": ["/shop/*", "/konto/ä*"], "notice": "none"},
            {"paths": ["/shop/gift", "*.html"], "notice": "modal"},
        ],
    )
    said = {path: modes_of(site, path) for path in ("/", "/shop/gift", "/konto/äh", "/a.html")}
    assert said == {"/": "corner", "/shop/gift": None, "/konto/äh": None, "/a.html": "modal"}


def test_rules_by_device_and_kind(make_site: MakeSite) -> None:
    """The server knows the device, only the page knows the kind: it gets a mode for each."""
    phone = (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148"
    )
    site = make_site(
        notice_rules=[
            {"devices": ["phone"], "notice": "bottom-bar"},
            {"kinds": ["browser", "unsure"], "notice": "none"},
        ]
    )
    assert modes_of(site, "/", user_agent=phone) == "bottom-bar"
    assert modes_of(site, "/") == {
        **{"extension": "corner", "network": "corner"},
        **{"browser": "none", "unsure": "none"},
    }


def test_pages_with_a_pasted_tag_go_by_the_address_that_asks(make_site: MakeSite) -> None:
    """If a tag is part of a page by hand, the path is read from the browser's Referer."""
    made = make_site(notice_rules=[{"paths": ["/shop/*"], "notice": "none"}])
    site = Site(made.config, made.clock, pasted=True)
    assert "m" not in Visit(site, referer="https://news.example/shop/1").control()
    assert Visit(site, referer="https://news.example/").control()["m"] == "corner"
    assert Visit(site, referer="https://[").control()["m"] == "corner"
    assert Visit(site).control()["m"] == "corner"


def test_navigations_in_place_go_by_the_address_that_asks(make_site: MakeSite) -> None:
    """With `single_page` each view goes by its own path, not by that of the document; the mode
    that a view of the program set holds for the document.
    """
    rule = {"paths": ["/shop/*"], "notice": "none"}
    site = make_site(single_page=True, notice_rules=[rule])
    shop, home = "https://news.example/shop/1", "https://news.example/"

    def mode(flags: PageFlags, referer: str, more: str = "&n=true") -> Any:
        return Visit(site, flags, referer=referer).control(more=more).get("m")

    assert (mode(PageFlags(rules=0), shop), mode(PageFlags(rules=1), home)) == (None, "corner")
    assert mode(PageFlags("none", rules=0), home) is None
    # The document's own view, and browsers that send no address, or none that can be read.
    assert mode(PageFlags(rules=1), home, "&n=false") is None
    assert [mode(PageFlags(rules=1), unknown) for unknown in ("", "https://[")] == [None, None]


def test_documents_go_by_their_own_path(make_site: MakeSite) -> None:
    """Without `single_page` a page from the browser's cache keeps the rules it was sent with."""
    site = make_site(notice_rules=[{"paths": ["/shop/*"], "notice": "none"}])
    visit = Visit(site, PageFlags(rules=1), referer="https://news.example/")
    assert "m" not in visit.control(more="&n=true")


def test_no_rule_and_its_path(make_site: MakeSite) -> None:
    """A rule with paths matches nothing if the path is unknown."""
    made = rules([{"paths": ["/"], "notice": "none"}, {"devices": ["phone"], "notice": "modal"}])
    assert set(choose("corner", made, None, "phone").values()) == {"modal"}
    assert set(choose("corner", made, fitting(made, "/"), "phone").values()) == {"none"}
    assert set(choose("corner", made, fitting(made, "/x"), "desktop")) == set(KINDS_OR_UNSURE)


def test_error_pages_show_no_notice(make_site: MakeSite) -> None:
    """An error page may be counted, but shows no notice."""
    made = make_site(error_pages=True).tagger.injector(Request("GET"), 404, by_name(HTML))
    assert made is not None
    assert b"~n" in made.tag
    assert flags_of(made.tag).notice == "none"


def test_a_view_may_choose_where_no_cache_keeps_its_page(make_site: MakeSite) -> None:
    """A request may set its own mode, for members or countries, but not on cacheable pages."""
    site = make_site()
    private = site.tagger.injector(
        Request("GET", headers=AGENT), 200, by_name(PRIVATE), KnownPage(notice="none")
    )
    shared = site.tagger.injector(Request("GET"), 200, by_name(HTML), KnownPage(notice="none"))
    assert private is not None and shared is not None
    assert b"~n9" in private.tag
    assert b"~" not in shared.tag
    assert b"~n5" in site.tagger.tag(notice="soft-wall")


def test_a_view_that_wants_what_there_is_not(
    make_site: MakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    """An unknown mode is logged once with the known modes, and pages keep their tag."""
    site = make_site()
    for _ in range(20):
        made = site.tagger.injector(
            Request("GET", headers=AGENT), 200, by_name(PRIVATE), KnownPage(notice="wall")
        )
        assert made is not None and b"~" not in made.tag
    assert (
        caplog.text.count("requests the notice 'wall', which is not a mode: use one of slot") == 1
    )
    assert not site.circuit_breaker.is_open()


def test_flags_survive_the_way() -> None:
    """Flags after a token are read back; unknown ones are ignored."""
    for flags in (
        PageFlags(),
        PageFlags("none"),
        PageFlags("modal", 5, True),
        PageFlags("", 0),
        PageFlags(local=True),
    ):
        assert split(f"group.signature{flags}") == ("group.signature", flags)
    for text in ("~", "~n", "~nx", "~z", "~n3n3", "~r", "~rfffffffff", "~l~l", "~é"):
        assert split(f"a.b{text}") == ("a.b", PageFlags()), text


def test_save_data_and_share(make_site: MakeSite) -> None:
    """Visitors who save data see no notice unless configured; of the others a share does."""
    assert "m" not in Visit(make_site(), save_data="on").control()
    assert "m" in Visit(make_site(save_data=True), save_data="on").control()
    visit = Visit(make_site(notice_share=0.5))
    assert "m" in visit.control("4999" + "0" * 16)
    assert "m" not in visit.control("5000" + "0" * 16)


def test_how_often_is_told_where_something_may_be_kept(make_site: MakeSite) -> None:
    """The page gets the first view, every n-th view and once a session; none at level local."""
    assert Visit(make_site()).control()["f"] == [2, 1, 1]
    site = make_site(from_view=3, every=5, once_a_session=False)
    assert Visit(site).control()["f"] == [3, 5, 0]
    assert "f" not in Visit(make_site(level="local")).control()


def test_variants_are_told_with_weights_and_modes(make_site: MakeSite) -> None:
    """The page picks a variant at random; its texts are those of the variant's preset."""
    site = make_site(
        variants=[
            {"name": "a", "weight": 2},
            {"name": "b", "notice": "modal", "preset": "warm"},
        ]
    )
    visit = Visit(site)
    told = visit.control()
    assert told["y"] == [["a", 2, "corner"], ["b", 1, "modal"]]
    assert "m" not in told
    assert visit.texts("m=corner&y=a")["text"]["title"] == "Adblock Detected"
    assert visit.texts("m=modal&y=b")["text"]["title"] == "May we ask you a favour?"


def test_what_is_done_counts_under_the_notice_that_was_shown(make_site: MakeSite) -> None:
    """Actions are counted by mode, variant and language; unknown variants count as none."""
    visit = Visit(make_site(variants=[{"name": "a"}, {"name": "b"}]))
    told = visit.control()
    visit.report(told, s="blocked", a="shown", m="top-bar", y="b", l="pt-BR")
    visit.report(told, s="blocked", a="dismissed", y="z")
    for dimension, value in (("mode", "top-bar"), ("variant", "b"), ("locale", "pt-BR")):
        assert visit.counted("shown", "blocked", dimension, value) == 1, dimension
    assert visit.counted("dismissed", "blocked", "variant", "z") == 0
    assert visit.counted("dismissed", "blocked", "mode", "corner") == 1


def test_unreachable_is_told_only_where_the_owner_wants_it(make_site: MakeSite) -> None:
    """The message in place of an ad is opt-in, and needs the larger script."""
    assert "o" not in Visit(make_site()).control()
    site = make_site(unreachable_notice=True, notice="none")
    told = Visit(site).control()
    assert told["o"] == 1
    assert site.names.script_of(told["n"]) == "plus"
    assert "o" not in Visit(site, PageFlags("none")).control()


def test_texts_of_one_request(make_site: MakeSite) -> None:
    """Texts are requested by mode, kind and language; unknown values fall back to the defaults."""
    visit = Visit(make_site())
    assert visit.texts("m=top-bar&l=de")["mode"] == "top-bar"
    assert visit.texts("m=throne&i=robot&y=z&l=x")["mode"] == "corner"
    assert visit.texts("m=slot&s=1")["text"]["title"] == "An ad could not be shown here"
    own = visit.texts("i=browser")
    assert own["text"]["seen"].startswith("Your browser's own protection")
    assert len(own["guides"]) == 1
    more = visit.texts("i=browser&g=1")
    assert own["guides"][0] not in more and len(more) > 10


@pytest.mark.parametrize(
    ("options", "file"),
    [
        ({}, "notice"),
        ({"notice": "hard-wall"}, "notice"),
        ({"notice": "slot"}, "plus"),
        ({"notice_rules": [{"notice": "slot", "paths": ["/"]}]}, "plus"),
        ({"blur": "article"}, "plus"),
        ({"unreachable_notice": True}, "plus"),
        ({"template": "#mine"}, "own"),
    ],
)
def test_the_smallest_script_that_does(options: dict[str, Any], file: str) -> None:
    """Most sites need the smallest of the notice's scripts."""
    assert bundle(make_config(secret=SECRET, **options)) == file


@pytest.mark.parametrize("mode", ["hard-wall", "redirect"])
def test_walls_warn_at_the_start(
    make_site: MakeSite, caplog: pytest.LogCaptureFixture, mode: str
) -> None:
    """Modes that keep visitors out log a warning, and no others do."""
    with caplog.at_level(logging.WARNING, "detector"):
        make_site(notice="soft-wall")
        assert caplog.text == ""
        make_site(notice_rules=[{"paths": ["/x"], "notice": mode}], redirect_url="/why")
    assert f"notice {mode} blocks reading" in caplog.text


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"notice_rules": "x"}, r"NOTICE_RULES is 'x'; allowed is a list such as"),
        ({"notice_rules": [{"paths": ["/"]}]}, r"NOTICE_RULES\[0\] has no notice"),
        ({"notice_rules": [{"path": "/", "notice": "none"}]}, r"\[0\] has 'path'; it may have"),
        ({"notice_rules": [{"paths": "/", "notice": "none"}]}, r"\[0\]\[paths\] is '/'"),
        ({"notice_rules": [{"paths": ["x"], "notice": "none"}]}, "a path begins with / or"),
        ({"notice_rules": [{"devices": ["tv"], "notice": "none"}]}, "has 'tv'; allowed are desk"),
        ({"notice_rules": [{"kinds": ["dns"], "notice": "none"}]}, "has 'dns'; allowed are ext"),
        ({"notice_rules": [{"notice": "none"}] * 33}, "has 33 entries; at most 32"),
        ({"variants": [{"name": "a"}]}, "one variant; two are needed"),
        ({"variants": [{"name": "a"}, {"name": "a"}]}, "'a' a second time"),
        ({"variants": [{"name": "A b"}, {"name": "b"}]}, r"VARIANTS\[0\]\[name\] is 'A b'"),
        ({"variants": [{"name": "a", "weight": 0}, {"name": "b"}]}, "is 0; allowed are whole"),
        ({"variants": [{"name": "a", "preset": "x"}, {"name": "b"}]}, "the presets are newspaper"),
        ({"quiet_days": [7]}, "two whole numbers of days"),
        ({"quiet_days": [0, 30]}, "two whole numbers of days"),
        ({"links": {"buy": "/x"}}, "out of subscribe, donate, support"),
        ({"links": {"donate": "javascript:alert(1)"}}, r"LINKS\[donate\] is 'javascript"),
        ({"links": {"donate": "//evil.example"}}, r"LINKS\[donate\] is '//evil"),
        ({"redirect_url": "data:text/html,x"}, "REDIRECT_URL is 'data:"),
        ({"notice": "redirect"}, "REDIRECT_URL is not set"),
        ({"blur": "a{b}"}, "BLUR is 'a{b}'; allowed is a CSS selector"),
        ({"template": "<template>"}, "TEMPLATE is '<template>'"),
        ({"look": {"ink": "red;}"}}, r"LOOK\[ink\] is 'red;}'; allowed are colours"),
        ({"look": {"theme": "sepia"}}, "allowed are auto, light, dark"),
        ({"look": {"logo": "javascript:1"}}, r"LOOK\[logo\]"),
        ({"look": {"radius": "-3px"}}, "allowed are lengths"),
        ({"look": {"font": "x;y"}}, "names of fonts"),
        ({"look": {"shadow": "0"}}, "LOOK has 'shadow'; it may have theme"),
        ({"look": "dark"}, "LOOK is 'dark'; allowed is"),
        ({"from_view": 0}, "whole numbers from 1 to 100"),
        ({"every": 1.5}, "whole numbers from 1 to 100"),
        ({"notice_share": 0}, "from 0.0001 to 1"),
        ({"level": "some"}, "allowed are off, local, stats, full"),
        ({"gpc": "full"}, "allowed are stats, local"),
        ({"consent": "ask()"}, "allowed are , page, tcf"),
    ],
)
def test_bad_options_are_named_with_what_is_allowed(options: dict[str, Any], message: str) -> None:
    """The error at the start names the option and the fix."""
    with pytest.raises(ConfigError, match=message):
        make_config(secret=SECRET, **options)
