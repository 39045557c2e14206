"""How much is counted and kept: levels, signals, consent, and the cookie of the highest level."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from detector.core.html.headers import by_name
from detector.core.html.page_flags import PageFlags
from detector.core.request import Request
from detector.core.site import Site
from tests.conftest import Clock
from tests.support.visiting import Visit

MakeSite = Callable[..., Site]
HTML = [("Content-Type", "text/html")]
DAY = 24 * 3600


def test_off_puts_no_tag_into_any_page(make_site: MakeSite) -> None:
    """Neither the middleware nor a template tags the page; the detector's URLs still answer."""
    site = make_site(level="off")
    assert site.tagger.injector(Request("GET"), 200, by_name(HTML)) is None
    assert site.tagger.tag() == b""
    assert "b" in Visit(site).control()


def assert_local(visit: Visit) -> None:
    """Check that a view gets its baits and counts nothing; return its bootstrap."""
    told = visit.control()
    assert told["b"] and told["m"] == "corner"
    assert not {"r", "f"} & set(told)
    answer = visit.report(told)
    assert visit.counted("passed", "", "reason", "consent") == 1
    assert visit.counted("refused", "", "reason", "consent") == 1
    assert answer.headers == visit.post(b"x").headers
    assert visit.counted("view") == visit.counted("verdict", "clear") == 0


def test_local_counts_nothing_but_that_it_did_not(make_site: MakeSite) -> None:
    """Baits and controls are served, and reports are ignored."""
    assert_local(Visit(make_site(level="local")))


def test_a_page_without_consent_is_local(make_site: MakeSite) -> None:
    """A page without consent is treated as level local, whatever the site's level."""
    assert_local(Visit(make_site(level="full"), PageFlags(local=True)))


@pytest.mark.parametrize("signal", ["sec_gpc", "dnt"])
def test_signals_cap_the_level(make_site: MakeSite, signal: str) -> None:
    """With Global Privacy Control or Do Not Track a visitor gets no cookie, and is only counted."""
    visit = Visit(make_site(level="full"), **{signal: "1"})
    answer = visit.report(visit.control())
    assert visit.counted("verdict", "clear") == 1
    assert "Set-Cookie" not in dict(answer.headers)
    assert_local(Visit(make_site(level="full", gpc="local"), **{signal: "1"}))


def test_stats_sets_no_cookie(make_site: MakeSite) -> None:
    """The default level counts, and keeps nothing about a visitor on the server."""
    visit = Visit(make_site())
    assert "Set-Cookie" not in dict(visit.report(visit.control()).headers)
    assert visit.counted("verdict", "clear") == 1


def full(make_site: MakeSite, **more: Any) -> tuple[Site, str]:
    """Return a site at level full, and the cookie of a visitor who sent a report."""
    site = make_site(level="full", **more)
    visit = Visit(site)
    answer = visit.report(visit.control(), s="unreachable")
    return site, dict(answer.headers)["Set-Cookie"]


def test_full_keeps_the_state_in_a_signed_cookie(make_site: MakeSite) -> None:
    """The cookie is one signed word, bound to the host and hidden from scripts."""
    site, header = full(make_site)
    value, *attributes = header.split("; ")
    assert attributes == ["Path=/", "Max-Age=2592000", "Secure", "HttpOnly", "SameSite=Lax"]
    assert value.startswith(f"{site.names.state_cookie}=unreachable.")
    assert site.state_cookie.read({"cookie": f"a=b; {value}; c=d"}) == "unreachable"
    forged = f"{site.names.state_cookie}=clear.forged"
    assert site.state_cookie.read({"cookie": f"{forged}; {value}"}) == "unreachable"
    # Signed by us, but of a release whose states are others.
    other = f"{site.names.state_cookie}={site.tokens.state('gone')}"
    assert site.state_cookie.read({"cookie": other}) == "unknown"


def test_a_cookie_that_is_not_ours_says_nothing(make_site: MakeSite, clock: Clock) -> None:
    """With a forged, expired, foreign or broken cookie the state is unknown."""
    site, header = full(make_site)
    value = header.partition(";")[0]
    name = site.names.state_cookie
    for bad in ("", value[:-1], f"{name}=blocked", value.replace("unreachable", "blocked"), name):
        assert site.state_cookie.read({"cookie": bad}) == "unknown", bad
    other = make_site(level="full", secret="another secret, long enough")
    assert (
        other.state_cookie.read({"cookie": value.replace(name, other.names.state_cookie)})
        == "unknown"
    )
    assert make_site().state_cookie.read({"cookie": value}) == "unknown"
    assert site.state_cookie.read({}) == "unknown"
    clock.now += 32 * DAY
    assert site.state_cookie.read({"cookie": value}) == "unknown"


def test_allowing_ads_changes_the_state(make_site: MakeSite) -> None:
    """After allowing ads the state is `clear` from the next page on; other actions keep it."""
    site = make_site(level="full", variants=[{"name": "a"}, {"name": "b"}])
    visit = Visit(site)
    told = visit.control()
    visit.report(told, s="blocked", e=True)
    for more in ({"a": "steps"}, {"a": "disputed"}, {"a": "drawn", "y": "b"}):
        assert "Set-Cookie" not in dict(visit.report(told, s="blocked", **more).headers)
        assert visit.counted(more["a"]) + visit.counted(more["a"], "blocked") == 1
    allowed = dict(visit.report(told, s="clear", a="allowed").headers)
    assert allowed["Set-Cookie"].startswith(f"{site.names.state_cookie}=clear.")
    assert site.state_cookie.header("clear").partition(".")[0] in allowed["Set-Cookie"]


def test_a_secret_before_still_reads_its_cookies(make_site: MakeSite) -> None:
    """The name changes with the secret, so an older cookie is not found."""
    _, header = full(make_site)
    newer = make_site(
        level="full",
        secret="a newer secret, long enough",
        previous_secrets=["a secret for tests, long enough"],
    )
    assert newer.state_cookie.read({"cookie": header.partition(";")[0]}) == "unknown"
