"""The newspaper's pages: the usual ads, valid markup, and working links."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from flask.testing import FlaskClient

from detector.demo import content
from tests.demo.conftest import ADSENSE, ARTICLE, GPT, PAGES, Page


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_the_usual_ads(client: FlaskClient, path: str) -> None:
    """Every page is a 200 with both ad tags, labelled slots, and a third party."""
    response = client.get(path)
    assert response.status_code == 200
    head, body = response.text.split("</head>")
    assert ADSENSE in head
    assert GPT in head
    assert "https://static.reader.example/reader.css" in head
    assert '<ins class="adsbygoogle' in body
    assert "(adsbygoogle = window.adsbygoogle || []).push({});" in body
    assert '<div id="div-gpt-ad-top"' in body
    assert 'googletag.display("div-gpt-ad-top");' in body
    assert body.count('class="reserve ') == body.count(">Advertisement<") >= 2


def test_slots_of_home_and_article(client: FlaskClient) -> None:
    """The front page has two slots; an article has a third one in its text."""
    assert client.get("/").text.count('class="reserve ') == 2
    text = client.get(ARTICLE).text
    assert text.count('class="reserve ') == 3
    prose = text.split('<div class="prose">')[1].split("</article>")[0]
    assert prose.count('<ins class="adsbygoogle') == 1


@pytest.mark.parametrize("path", [*PAGES, "/nowhere"])
def test_pages_are_well_made(client: FlaskClient, path: str) -> None:
    """Every page has one h1, headings without gaps, alt texts, unique ids, no style attribute."""
    page = Page(client.get(path).text)
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all("alt" in image for image in page.all("img"))
    assert not any("style" in attrs for _, attrs in page.tags)
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    names = [attrs.get("aria-label") for attrs in page.all("nav", "aside")]
    named = [name for name in names if name]
    assert len(named) == len(set(named))
    assert len(page.all("main")) == 1


def test_every_link_leads_somewhere(client: FlaskClient) -> None:
    """Everything that a page links to or loads from its own site exists."""
    seen: set[str] = set()
    for path in [*PAGES, "/nowhere"]:
        for _, attrs in Page(client.get(path).text).tags:
            for target in (attrs.get("href"), attrs.get("src")):
                if target and target.startswith("/"):
                    seen.add(target)
    assert "/static/paper.css" in seen
    assert f"/static/{content.edition().articles[0].slug}.svg" in seen
    for target in sorted(seen):
        with client.get(target) as response:
            assert response.status_code == (302 if target == "/member" else 200), target


def test_sections_and_articles() -> None:
    """There are four sections, each with stories, and articles of three to six paragraphs."""
    edition = content.edition()
    assert len(edition.sections) == 4
    assert 6 <= len(edition.articles) <= 8
    assert all(edition.within(section) for section in edition.sections)
    for article in edition.articles:
        assert 3 <= len(article.paragraphs) <= 6
        assert len(article.comments) >= 2
        assert article not in edition.related(article)


def test_breadcrumb(client: FlaskClient) -> None:
    """An article's breadcrumb is a labelled list from the front page down to the article."""
    text = client.get(ARTICLE).text
    crumbs = re.search(r'<nav[^>]* aria-label="Breadcrumb">\s*<ol>(.*?)</ol>', text, re.S)
    assert crumbs
    items = re.findall(r"<li>(.*?)</li>", crumbs[1])
    assert items == [
        '<a href="/">Front page</a>',
        '<a href="/harbour">Harbour</a>',
        f'<span aria-current="page">{content.edition().articles[0].headline}</span>',
    ]


def test_article_of_another_section(client: FlaskClient) -> None:
    """An article is found under its own section only."""
    assert client.get("/town/night-ferry").status_code == 404
