"""Fixtures of the tests of the newspaper: its pages, a reader, and parsed tags."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from flask import Flask
from flask.testing import FlaskClient

from detector.demo import content
from detector.demo.app import create_app

SECRET = "a secret for tests, long enough to be one"
ARTICLE = "/harbour/night-ferry"
PAGES = [
    "/",
    *(f"/{section.slug}" for section in content.edition().sections),
    *(f"/{article.section.slug}/{article.slug}" for article in content.edition().articles),
    "/big",
    "/stream",
    "/login",
]
ADSENSE = (
    '<script async src="https://pagead2.googlesyndication.com/pagead/js/adsbygoogle.js'
    '?client=ca-pub-0000000000000000" crossorigin="anonymous"></script>'
)
GPT = '<script async src="https://securepubads.g.doubleclick.net/tag/js/gpt.js"></script>'


class Page(HTMLParser):
    """The start tags of a page and the text in its headings."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Record a start tag."""
        self.tags.append((tag, dict(attrs)))

    def all(self, *names: str) -> list[dict[str, str | None]]:
        """Return the attributes of every element with one of these names."""
        return [attrs for tag, attrs in self.tags if tag in names]


@pytest.fixture
def app() -> Flask:
    """Return the newspaper without the detector."""
    return create_app(secret=SECRET, detector=False)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Return a client of the newspaper."""
    return app.test_client()
