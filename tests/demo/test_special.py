"""The newspaper's special pages: large, streamed, members-only, missing, right-to-left."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from detector.demo import content
from tests.demo.conftest import ADSENSE, ARTICLE


def test_big_page(client: FlaskClient) -> None:
    """The page for benches is 100 KB, give or take a tenth, and the same every time."""
    first = client.get("/big").data
    assert 92_160 <= len(first) <= 112_640
    assert client.get("/big").data == first


def test_stream(client: FlaskClient) -> None:
    """The tide table is sent in chunks, without a length, and its rows after its head."""
    response = client.get("/stream", buffered=False)
    assert response.is_streamed
    assert "Content-Length" not in response.headers
    pieces = [bytes(piece) for piece in response.iter_encoded()]
    assert len(pieces) > 100
    assert b"High" not in b"".join(pieces[:3])
    assert b"".join(pieces).count(b"<td>High</td>") == 54
    assert pieces[-1].rstrip().endswith(b"</html>")


def test_member_needs_a_login(client: FlaskClient) -> None:
    """The members' page redirects visitors to the log-in, and no other page does."""
    for path in ("/member", "/member/anything"):
        response = client.get(path)
        assert response.status_code == 302
        assert response.location == "/login"
    assert client.post("/login").location == "/member"
    page = client.get("/member")
    assert page.status_code == 200
    assert "stands behind a log-in hook" in page.text
    assert '<ins class="adsbygoogle' in page.text


@pytest.mark.parametrize("path", ["/nowhere", "/harbour/nowhere", "/a/b/c", "/static/nothing.css"])
def test_missing_page(client: FlaskClient, path: str) -> None:
    """A missing page is a 404 in the newspaper's design, with links and ads."""
    response = client.get(path)
    assert response.status_code == 404
    assert "This page is not in today’s paper" in response.text
    assert '<a href="/">front page</a>' in response.text
    assert ADSENSE in response.text
    assert '<ins class="adsbygoogle' in response.text


def test_direction_and_language(client: FlaskClient) -> None:
    """`?dir=` and `?lang=` set the page's direction and language, and its links keep them."""
    text = client.get("/?dir=rtl&lang=ar").text
    assert '<html lang="ar" dir="rtl">' in text
    assert f'href="{ARTICLE}?dir=rtl&amp;lang=ar"' in text
    assert 'href="/static/paper.css"' in text


@pytest.mark.parametrize("query", ["", "?dir=up&lang=%22%3E%3Cxyz", "?dir=RTL&lang=x"])
def test_direction_is_checked(client: FlaskClient, query: str) -> None:
    """Any other direction or language is the default, and never markup."""
    text = client.get(f"/{query}").text
    assert '<html lang="en" dir="ltr">' in text
    assert "<xyz" not in text


def test_style_sheet_keeps_directions_and_slots_apart() -> None:
    """The style sheet names no physical side, and gives every kind of slot its height."""
    sheet = Path(content.__file__).with_name("static").joinpath("paper.css").read_text("utf-8")
    assert not re.search(r"(margin|padding|border)-(left|right)|text-align: (left|right)", sheet)
    assert not re.search(r"[{;\s](left|right|width|height):", sheet)
    for kind, size in (("wide", "100px"), ("rectangle", "250px")):
        assert re.search(rf"\.reserve-{kind} \.reserve-panel {{[^}}]*block-size: {size}", sheet)
    assert not re.search(r"url\(\"?(https?:)?//|@import|@font-face", sheet)
