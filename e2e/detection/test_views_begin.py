"""A view begins only on a page of the site, according to real browsers' headers."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from detector.core.assets import script
from detector.testing.fixtures import OpenPage
from detector.testing.internet import Internet
from e2e.support.newspaper import EMPTY, HOST, Paper, one_page, verdict_on

OTHER = "other.example"
LINK = """(url) => {
  const link = document.createElement("link");
  link.rel = "prefetch";
  link.href = url;
  document.head.append(link);
}"""
FOREIGN = """([image, fetched]) => {
  new Image().src = image;
  fetch(fetched, { mode: "no-cors" }).catch(() => {});
}"""


def control(paper: Paper, number: int) -> str:
    """Return the address of the bootstrap of a view that no script has begun."""
    file = paper.names.script("detect", script("detect").content_hash)
    token = paper.site.tokens.page("/")
    return f"https://{HOST}/{paper.names.prefix}/{file}on?v={number:020}&p={token}&w=false"


def wait_for_controls(paper: Paper, numbers: list[int]) -> None:
    """Wait until the bootstraps of these views have been answered."""

    def answered(number: int) -> bool:
        return any(f"?v={number:020}" in r.path and r.status is not None for r in paper.asked())

    paper.net.wait_for(lambda _: all(map(answered, numbers)))


def test_a_link_that_prefetches(open_page: OpenPage, net: Internet, tmp_path: Path) -> None:
    """A prefetching link on a page of the site begins no view, although it is same-origin."""
    paper = one_page(net, tmp_path)
    page = open_page("none")
    assert verdict_on(page)["state"] == "clear"
    page.evaluate(LINK, control(paper, 1))
    wait_for_controls(paper, [1])
    assert paper.counted("view") == 1
    assert paper.counted("refused", "", "reason", "origin") == 1


@pytest.mark.parametrize("profile", ["none", "none-firefox"])
def test_a_page_of_another_site(
    open_page: OpenPage, net: Internet, tmp_path: Path, profile: str
) -> None:
    """A request from another site's page begins no view and is refused."""
    paper = one_page(net, tmp_path)
    other = Flask("other")
    other.add_url_rule("/", "home", lambda: EMPTY)
    net.site(OTHER, other)
    page = open_page(profile)
    assert verdict_on(page)["state"] == "clear"
    page.goto(f"https://{OTHER}/")
    page.evaluate(FOREIGN, [control(paper, 2), control(paper, 3)])
    wait_for_controls(paper, [2, 3])
    assert paper.counted("view") == 1
    assert paper.counted("refused", "", "reason", "origin") == 2
