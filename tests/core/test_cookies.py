"""The detector's cookies are found whatever other cookies are sent with them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from detector.asgi import DetectorMiddleware
from detector.core.cookies import LONGEST, MOST, values
from detector.core.site import Site
from detector.dashboard.session import COOKIE, Sessions

MakeSite = Callable[..., Site]
ODD = [
    'j={"a":1}',
    'j={"a":1, "b":[2;3]}',
    "s=two words",
    "n=Grüße",
    "n=\xff\x80",
    "f[0]=a",
    "(x)=<y>",
    "a@b=c/d:e?f",
    "=nameless",
    "=",
    "nothing",
    "",
    " \t ",
    'q="open',
    'q="a\\"b;c"',
    "c=a,b",
    "n=\x01\x7f",
    "$Version=1",
    "Path=/",
    "expires=Thu, 01 Jan 1970 00:00:00 GMT",
    "e===",
]


@pytest.fixture
def site(make_site: MakeSite) -> Site:
    """Return a site at the level that sets a cookie."""
    return make_site(level="full")


def sent(site: Site, state: str = "blocked") -> str:
    """Return the name-value pair that a browser sends back."""
    return site.state_cookie.header(state).partition(";")[0]


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("form", ["{odd}; {ours}", "{ours}; {odd}", "{odd};{ours};{odd}"])
def test_odd_neighbours(site: Site, odd: str, form: str) -> None:
    """A cookie that RFC 6265 forbids, but browsers send, hides neither of the two."""
    assert site.state_cookie.read({"cookie": form.format(odd=odd, ours=sent(site))}) == "blocked"
    sessions = Sessions("a secret for tests, long enough", b"mark")
    session = sessions.new(signed_in=True)
    ours = sessions.cookie(session, "/", secure=False).partition(";")[0]
    assert sessions.read(form.format(odd=odd, ours=ours)) == session


def test_values_are_what_stands_between() -> None:
    """Pairs end at each semicolon, names at the first "="; spaces and tabs are stripped."""
    header = 'a=1;b = "2" ;\t c\t=\t3=4; a=;d;A=5; xa=6; a="7;8"'
    assert values(header, "a") == ["1", "", '"7']
    assert values(header, "b") == ['"2"']
    assert values(header, "c") == ["3=4"]
    assert values(header, "d") == []
    assert values("a=\u00a01\u2003", "a") == ["\u00a01\u2003"]


def test_the_first_that_we_signed_wins(site: Site) -> None:
    """Browsers send the most specific path first; a cookie set by a sibling host hides nothing."""
    name = site.names.state_cookie
    assert name.startswith("__Host-")
    forged = f"{name}=clear.AAAA.BBBB"
    two = f"{sent(site, 'blocked')}; {sent(site, 'clear')}"
    assert site.state_cookie.read({"cookie": two}) == "blocked"
    assert site.state_cookie.read({"cookie": f"{forged}; {name}; {name}=; {two}"}) == "blocked"
    assert site.state_cookie.read({"cookie": f"{name.lower()}x=1; {forged}"}) == "unknown"


def test_a_void_session_does_not_hide_another() -> None:
    """Of two sessions under one name the first valid one is used."""
    sessions = Sessions("a secret for tests, long enough", b"mark")
    one, two = sessions.new(signed_in=True), sessions.new(signed_in=True)
    pairs = [
        sessions.cookie(session, "/", secure=False).partition(";")[0] for session in (one, two)
    ]
    sessions.end(one)
    assert sessions.read("; ".join([f"{COOKIE}=forged", *pairs])) == two


def test_quotes_belong_to_a_value(site: Site) -> None:
    """Browsers return a cookie unchanged, so a quoted one is not the detector's."""
    name, _, value = sent(site).partition("=")
    assert site.state_cookie.read({"cookie": f'{name}="{value}"'}) == "unknown"
    assert site.state_cookie.read({"cookie": f'q="a; {name}={value}; b"'}) == "blocked"


def test_headers_are_bounded(site: Site) -> None:
    """A long header is read up to a bound, and only a few cookies of one name are tried."""
    ours, name = sent(site), site.names.state_cookie
    filled = f"x={'y' * (LONGEST - len(ours) - 4)}; {ours}"
    assert len(filled) == LONGEST
    assert site.state_cookie.read({"cookie": filled}) == "blocked"
    assert site.state_cookie.read({"cookie": filled + ";"}) == "unknown"
    assert site.state_cookie.read({"cookie": f"{name}=x; " * (MOST - 1) + ours}) == "blocked"
    assert site.state_cookie.read({"cookie": f"{name}=x; " * MOST + ours}) == "unknown"


def test_cookies_in_several_header_fields(site: Site) -> None:
    """HTTP/2 may split the header (RFC 9113, 8.2.3), and ASGI servers pass on all its fields."""
    seen: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["ad_state"])

    async def nothing(*_: Any) -> Any:
        raise AssertionError("nothing is received or sent")

    fields = [(b"cookie", b'j={"a":1}'), (b"cookie", sent(site).encode())]
    scope = {"type": "http", "method": "GET", "path": "/", "headers": fields}
    asyncio.run(DetectorMiddleware(app, site=site)(scope, nothing, nothing))
    assert seen == ["blocked"]


def test_only_spaces_and_tabs_are_removed() -> None:
    """Other white space belongs to the name or the value, as browsers see it."""
    assert values("\x0bc=1; \xa0c=2; \tc =\xa03\t", "c") == ["\xa03"]
