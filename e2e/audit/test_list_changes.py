"""A back-test: `detector lists diff` names beforehand what an audit then finds broken."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from playwright.sync_api import Playwright

from detector.audit import folder
from detector.audit.runner import audit
from detector.cli.main import main
from detector.testing.blockers import Options, ready
from detector.testing.internet import Internet
from detector.testing.machine import missing

HOST = "shop.example"
URL = f"https://{HOST}"
HEAD = '<!doctype html><link rel="icon" href="data:,"><title>Shop</title>'
PAGES = {
    "/": '<button class="welcome">Enter</button>',
    "/pricing": '<div class="planted-promo"><button>Buy</button></div>',
    "/help": '<button id="ask">Ask</button><script src="/planted-widget/chat.js"></script>',
}
OLD = "! Title: planted\n##.other-ad\n"
NEW = f"{OLD}##.planted-promo\n/planted-widget/$script\n{HOST}###ask\n"


def shop(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    """Answer as the planted site."""
    page = PAGES.get(environ["PATH_INFO"])
    kind = "text/html; charset=utf-8" if page else "text/javascript"
    start("200 OK", [("Content-Type", kind)])
    return [(HEAD + page).encode() if page else b"window.chat = true"]


@pytest.mark.timeout(300)
def test_the_pages_that_a_later_list_breaks_are_named_before(
    net: Internet, playwright: Playwright, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the diff of two lists names on an audited site, an audit under the later one finds."""
    for need in ready(Options(net=net)):
        if need.blocker.name == "easylist" and need.missing:
            missing(need.missing)
    net.site(HOST, shop)
    old, new, out = tmp_path / "old.txt", tmp_path / "new.txt", tmp_path / "report"
    old.write_text(OLD)
    new.write_text(NEW)
    urls = [URL + path for path in PAGES]
    runs = []
    for lists in (old, new):
        options = Options((str(lists),), headless_shell=True, net=net, cache=tmp_path)
        folder.prepare(out)
        runs.append(audit(urls[0], urls, ["easylist"], options, out, playwright=playwright))
        if lists == old:
            folder.write(runs[0], out)
            status = main(["lists", "diff", str(old), str(new), "--site", str(out), "--json"])
    assert status == 1
    found = json.loads(capsys.readouterr().out)
    told = {(one["places"][0], one["rules"][0]["line"]) for one in found["changes"]}
    told |= {(one["pages"][0], one["line"]) for one in found["site_rules"]}
    assert told == {("/pricing", 3), ("/help", 4), ("/help", 5)}
    assert {one.url for one in runs[0].visits if one.problems} == set()
    broken = {one.url.removeprefix(URL) for one in runs[1].visits if one.problems}
    assert broken == {place for place, _ in told}
    assert not any(one.names for one in runs[1].visits if one.blocker == "easylist")
