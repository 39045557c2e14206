"""A whole visit through a real Apache with ModSecurity and the OWASP Core Rule Set."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from detector.testing.fixtures import OpenPage
from detector.testing.internet import Internet
from e2e.support.newspaper import HOST, URL, newspaper, verdict_of
from tests.support.deployed import served
from tests.support.firewall import firewall


@pytest.mark.parametrize("paranoia", [1, 2])
def test_rule_set_lets_a_visit_pass(
    paranoia: int, open_page: OpenPage, net: Internet, tmp_path: Path
) -> None:
    """Page, verdict, notice and reports pass, blocked and clear, and no rule matches."""
    paper = newspaper(net, tmp_path)
    with served(paper.app.wsgi_app) as url, firewall(url, paranoia) as wall:
        net.forward(HOST, "127.0.0.1", wall.port)
        blocked = open_page("ublock-origin")
        # A route with <section>, whose group has the characters that begin a comment in SQL.
        blocked.goto(URL + "town")
        assert verdict_of(blocked)["state"] == "blocked"
        notice = blocked.get_by_role("region", name="Adblock Detected")
        expect(notice).to_be_in_viewport(ratio=1)
        # The verdict, and that the notice was shown.
        paper.wait_for_report(2)
        notice.get_by_role("button", name="Not now").click()
        paper.wait_for_report(3)
        for count, browser in enumerate(("none", "none-firefox"), 4):
            page = open_page(browser)
            page.goto(URL)
            assert verdict_of(page)["state"] == "clear"
            page.goto("about:blank")
            paper.wait_for_report(count)
        assert [report.status for report in paper.reports()] == [204] * 5
        assert [hit for hit in wall.hits if paper.names.prefix in hit[2]] == []
    assert paper.counted("verdict", "blocked", "group", "/*section*") == 1
    assert paper.counted("verdict", "clear") == 2
    assert paper.counted("shown", "blocked") == paper.counted("dismissed", "blocked") == 1
    assert paper.counted("refused") == 0
