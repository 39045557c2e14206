"""An audit behind a log-in, on a phone, after a click, with headers that other hosts do not get."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from playwright.sync_api import Page, Playwright

from detector.audit.runner import audit
from detector.audit.visitor import Visitor, storage_state
from detector.testing.blockers import Options, ready
from detector.testing.internet import Internet
from detector.testing.machine import missing
from detector.testing.messages import Answer, Request

HOST = "club.example"
OTHER = "other.example"
URL = f"https://{HOST}"
PAGE = f"""<!doctype html><meta charset="utf-8"><title>Club</title><link rel="icon" href="data:,">
<meta name="viewport" content="width=device-width"><script src="https://{OTHER}/a.js"></script>
<h1>Members</h1><button class="wide-only">Wide</button>
<button id="open" onclick="document.body.append(Object.assign(document.createElement('button'),
{{ className: 'planted-ad', id: 'late', textContent: 'Late' }}))">Open</button>
<style>@media (max-width: 600px) {{ .wide-only {{ display: none }} }}</style>"""
LOGIN = '<!doctype html><title>Sign in</title><form><input type="password" name="p"></form>'


class Club:
    """The site: its page for members, the log-in for others; notes who sent which header."""

    def __init__(self) -> None:
        self.own: set[str] = set()
        self.foreign: set[str] = set()

    def app(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer as the site."""
        self.own.add(environ.get("HTTP_X_STAGING", ""))
        member = "member=yes" in environ.get("HTTP_COOKIE", "")
        start("200 OK", [("Content-Type", "text/html; charset=utf-8")])
        return [(PAGE if member else LOGIN).encode()]

    def other(self, request: Request) -> Answer:
        """Answer as another site."""
        self.foreign.add(request.headers.get("x-staging", ""))
        return Answer("", "text/javascript")


@pytest.fixture
def club(net: Internet) -> Club:
    """Open the club."""
    made = Club()
    net.site(HOST, made.app)
    net.answer(OTHER, made.other)
    return made


@pytest.fixture
def member(tmp_path: Path) -> Visitor:
    """Return a member, whose log-in is stored."""
    cookie = {"name": "member", "value": "yes", "domain": HOST, "path": "/"}
    more: dict[str, Any] = {"expires": -1, "httpOnly": False, "secure": True, "sameSite": "Lax"}
    file = tmp_path / "state.json"
    file.write_text(json.dumps({"cookies": [{**cookie, **more}], "origins": []}))
    return Visitor(storage_state(file), {"x-staging": "1"})


@pytest.fixture
def options(net: Internet, tmp_path: Path) -> Options:
    """Return options with a list that hides one class; skip where its blocker is missing."""
    for need in ready(Options(net=net)):
        if need.blocker.name == "easylist" and need.missing:
            missing(need.missing)
    (tmp_path / "mine.txt").write_text("! a list\n##.planted-ad\n")
    lists = (str(tmp_path / "mine.txt"),)
    return Options(filter_lists=lists, headless_shell=True, net=net, cache=tmp_path)


@pytest.mark.timeout(300)
def test_members_on_two_devices_after_a_click(
    club: Club, member: Visitor, options: Options, playwright: Playwright, tmp_path: Path
) -> None:
    """What a click brings is found hidden on each device; headers go to the site alone."""

    def before(page: Page) -> None:
        page.click("#open")

    visitor = Visitor(member.context, member.headers, before, "clicks.py")
    phone = {k: v for k, v in playwright.devices["Pixel 7"].items() if k != "default_browser_type"}
    desktop = playwright.devices["Desktop Chrome"]
    wide = {k: v for k, v in desktop.items() if k != "default_browser_type"}
    report = audit(
        *(f"{URL}/", [f"{URL}/"], ["easylist"], options, tmp_path / "out"),
        playwright=playwright,
        visitor=visitor,
        devices={"Pixel 7": phone, "Desktop Chrome": wide},
    )
    assert [one.name for one in report.blockers] == [
        *("none (Pixel 7)", "easylist (Pixel 7)"),
        *("none (Desktop Chrome)", "easylist (Desktop Chrome)"),
    ]
    found = {one.blocker: one for one in report.visits}
    for name in ("Pixel 7", "Desktop Chrome"):
        assert not found[f"none ({name})"].problems
        (problem,) = found[f"easylist ({name})"].problems
        assert (problem.kind, problem.target) == ("hidden", "#late")
        assert [cause.rule for cause in problem.causes] == ["##.planted-ad"]
    states = {
        name: next(one.state for one in visit.controls if one.name == "Wide")
        for name, visit in found.items()
    }
    assert states["none (Pixel 7)"] == "hidden"
    assert states["none (Desktop Chrome)"] == "usable"
    assert club.own == {"1"}
    assert club.foreign == {""}
    assert len({one.picture for one in report.visits}) == 4
    assert report.notes == []


@pytest.mark.timeout(300)
def test_a_log_in_that_has_expired_and_a_file_that_fails(
    club: Club, options: Options, playwright: Playwright, tmp_path: Path
) -> None:
    """An expired log-in is told once; what `before` raises is its row's error, and no more."""
    file = tmp_path / "old.json"
    file.write_text(json.dumps({"cookies": [], "origins": []}))

    def before(page: Page) -> None:
        if page.url.endswith("/two"):
            raise ValueError("no such menu")
        if page.url.endswith("/three"):
            raise SystemExit("enough")

    visitor = Visitor(storage_state(file), {}, before, "clicks.py")
    pages = [f"{URL}/{name}" for name in ("one", "two", "three", "four")]
    report = audit(
        *(pages[0], pages, ["none"], options, tmp_path / "out"),
        playwright=playwright,
        visitor=visitor,
    )
    errors = {one.url.rpartition("/")[2]: one.error for one in report.visits}
    said = "--before clicks.py: "
    assert errors == {
        "one": "",
        "two": f"{said}ValueError: no such menu",
        "three": f"{said}SystemExit: enough",
        "four": "",
    }
    (note,) = report.notes
    assert note.startswith(f"{URL}/one and 1 more asked for a log-in")
    assert club.foreign == set()


TARGETS = {
    "/away": f"https://{OTHER}/page",
    "/home": "/moved",
    "/go.js": f"https://{OTHER}/go.js",
    "/round.js": f"https://{OTHER}/back.js",
    "/twice.js": "/go.js",
    "/own.js": "/new.js",
    "/frame": f"https://{OTHER}/page?frame",
}
REDIRECTS = b"""<!doctype html><title>Redirects</title><link rel="icon" href="data:,">
<script src="/go.js"></script><script src="/round.js"></script><script src="/twice.js"></script>
<script src="/own.js"></script><iframe src="/frame"></iframe>
<script>for (let n = 0; n < 30; n++) fetch("/go.js?" + n).catch(() => {})</script>"""


class Redirecting:
    """A site that redirects to itself, to another host and back; notes who got which header."""

    def __init__(self, net: Internet) -> None:
        self.own: dict[str, str] = {}
        self.foreign: dict[str, str] = {}
        net.site(HOST, self.app)
        net.answer(OTHER, self.other)

    def app(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer as the site."""
        path = environ["PATH_INFO"]
        self.own[path] = environ.get("HTTP_AUTHORIZATION", "")
        if target := TARGETS.get(path):
            start("302 Found", [("Location", target)])
            return [b""]
        if path in ("/", "/moved"):
            start("200 OK", [("Content-Type", "text/html; charset=utf-8")])
            return [REDIRECTS]
        start("200 OK", [("Content-Type", "text/javascript")])
        return [b""]

    def other(self, request: Request) -> Answer:
        """Answer as another site."""
        self.foreign[request.path] = request.headers.get("authorization", "")
        if request.path == "/back.js":
            return Answer(status=302, headers=[("Location", f"{URL}/last.js")])
        if request.path == "/page":
            return Answer("<!doctype html><title>Other</title>", "text/html")
        return Answer("", "text/javascript")


@pytest.mark.timeout(300)
@pytest.mark.parametrize("browser", ["none", "none-firefox"])
def test_redirects_to_other_hosts_take_no_headers_along(
    browser: str, net: Internet, playwright: Playwright, tmp_path: Path
) -> None:
    """What the site redirects to another host, page or file, arrives there without headers."""
    site = Redirecting(net)
    pages = [f"{URL}/", f"{URL}/home", f"{URL}/away"]
    report = audit(
        *(
            pages[0],
            pages,
            [browser],
            Options(headless_shell=True, net=net, cache=tmp_path),
            tmp_path / "out",
        ),
        playwright=playwright,
        visitor=Visitor(headers={"authorization": "Bearer planted"}),
    )
    assert [one.error for one in report.visits] == ["", "", ""]
    assert {one.url: one.final_url for one in report.visits} == {
        pages[0]: pages[0],
        pages[1]: f"{URL}/moved",
        pages[2]: f"https://{OTHER}/page",
    }
    assert {"/go.js", "/back.js", "/page", "/page?frame"} <= site.foreign.keys()
    assert site.foreign == dict.fromkeys(site.foreign, "")
    assert {*TARGETS, "/", "/moved", "/new.js", "/last.js"} <= site.own.keys()
    assert site.own == dict.fromkeys(site.own, "Bearer planted")
