"""User content with names and ids that shadow what scripts read: DOM clobbering."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from playwright.sync_api import ConsoleMessage, Page, Route

from detector.page.tag import INLINE
from detector.qa.fixtures import OpenPage
from detector.qa.internet import Internet
from detector.qa.messages import Answer, Request
from detector.static_files import folder
from e2e.newspaper import URL, Paper, one_page

BROWSERS = ["none", "none-firefox"]
STRICT = "script-src 'nonce-abc' 'strict-dynamic'; object-src 'none'; base-uri 'none'"
FOREIGN = "foreign.example"
PICTURE = "/x.js"
LURE = f"//{FOREIGN}{PICTURE}"
RAN = "a foreign script ran"
SITES: dict[str, dict[str, Any]] = {
    "plain": {},
    "strict": {"headers": {"Content-Security-Policy": STRICT}},
    "front": {"single_page": True, "reuse_minutes": 5},
    "strict front": {
        **{"headers": {"Content-Security-Policy": STRICT}},
        **{"single_page": True, "reuse_minutes": 5},
    },
    "tcf": {"consent": "tcf"},
}
# The parser reaches the frame at its end only when all before it stands in the document.
HTML = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Page</title>
<link rel="icon" href="data:,"><script nonce="abc">
for (const name of ["verdict", "notice"])
  document.addEventListener("ads:" + name, ({ detail }) =>
    console.log("heard", name, detail.state || detail.action));
</script></head><body><h1>Page</h1><div hidden>%s</div><iframe src="/parsed"></iframe>
</body></html>"""


def built() -> str:
    """Return all scripts that a page may get of us, as text."""
    return INLINE + "".join(path.read_text("utf-8") for path in folder().glob("*.min.js"))


NAMES = sorted(set(re.findall(r"[A-Za-z_$][\w$]*", built())))
PROPERTIES = sorted(set(re.findall(r"\.([A-Za-z_$][\w$]*)", built())))
IMPORTANT = [
    *("currentScript", "head", "documentElement", "body", "createElement", "addEventListener"),
    *("dispatchEvent", "hidden", "readyState", "forms", "Document", "trustedTypes"),
]


def image(name: str) -> str:
    """Return a picture of this name and id."""
    return f'<img name="{name}" id="{name}" src="{LURE}" alt="">'


def link(name: str) -> str:
    """Return two links of this id: together they are a collection, with a member of each name."""
    both = [f'<a id="{name}" name="{name}" href="{LURE}"></a>', f'<a id="{name}" name="src"></a>']
    return "".join(both)


def form(name: str) -> str:
    """Return a form of this name, whose inputs shadow its own properties."""
    inputs = "".join(f'<input name="{one}" value="{LURE}">' for one in PROPERTIES)
    return f'<form name="{name}" id="{name}" action="{LURE}">{inputs}</form>'


def embedded(name: str) -> str:
    """Return the elements that may be called as functions in some browsers, all of this name."""
    return f'<embed name="{name}"><object id="{name}"></object>'


def frame(name: str) -> str:
    """Return a frame of this name, which is a window of another origin."""
    return f'<iframe name="{name}" sandbox srcdoc=""></iframe>'


SHAPES = {"image": image, "link": link, "form": form, "embedded": embedded}
# A window for each of hundreds of names is more than a browser takes.
FEW = {**SHAPES, "frame": frame}


def foreign(request: Request) -> Answer:
    """Answer as an attacker would: the control with the view that it asks for, else a script."""
    view = re.search(r"[?&]v=(\d+)", request.path)
    if not view:
        return Answer(f"console.log({RAN!r})", "text/javascript")
    bait = [0, 0, "script.js?", "script.js?"]
    control = {"v": view[1], "t": "t", "x": "x", "w": 1, "b": [bait, bait], "q": "q?", "a": "a.js"}
    control |= {"e": ["a", "b"], "i": ["", ""], "l": [10], "h": "none", "s": "", "n": "n.js"}
    return Answer(json.dumps(control), headers=[("Access-Control-Allow-Origin", "*")])


def site(net: Internet, path: Path, content: str, **options: Any) -> Paper:
    """Serve a page with such content, and our scripts only when all of it has been parsed."""
    paper = one_page(net, path, HTML % content, **options)
    paper.app.add_url_rule("/parsed", "parsed", lambda: "parsed")
    net.answer(FOREIGN, foreign)
    inner = paper.app.wsgi_app
    parsed = threading.Event()

    def held(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        asked = environ["PATH_INFO"]
        if asked == "/parsed":
            parsed.set()
        if asked.endswith(".js"):
            assert parsed.wait(60)
        return inner(environ, start_response)

    paper.app.wsgi_app = held  # type: ignore[method-assign]
    return paper


class Heard:
    """What a page says from now on, heard without asking anything of its document."""

    def __init__(self, page: Page, net: Internet) -> None:
        self.page, self.net = page, net
        self.wrong: list[str] = []
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("console", self._note)

    def _note(self, message: ConsoleMessage) -> None:
        if message.text == RAN:
            self.wrong.append(RAN)

    def open(self, url: str = URL, said: str = "heard verdict ") -> str:
        """Open a page and return the rest of the first line that begins so."""
        told = self.page.expect_console_message(lambda one: one.text.startswith(said))
        with told as found:
            self.page.goto(url)
        self.check()
        return found.value.text.removeprefix(said)

    def check(self) -> None:
        """Raise unless the picture was all that was asked for abroad, and nothing went wrong."""
        asked = {
            (one.method, one.path, one.headers.get("sec-fetch-dest"))
            for one in self.net.seen(FOREIGN)
        }
        assert asked <= {("GET", PICTURE, "image")}
        assert self.wrong == []


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("options", SITES.values(), ids=SITES)
@pytest.mark.parametrize("browser", BROWSERS)
def test_all_names_at_once(
    open_page: OpenPage,
    net: Internet,
    tmp_path: Path,
    browser: str,
    options: dict[str, Any],
    shape: str,
) -> None:
    """Content with every name that our scripts mention changes no verdict and loads nothing."""
    site(net, tmp_path, "".join(map(SHAPES[shape], NAMES)), **options)
    heard = Heard(open_page(browser), net)
    assert heard.open() == "clear"


@pytest.mark.parametrize("name", IMPORTANT)
@pytest.mark.parametrize("browser", BROWSERS)
def test_one_name(
    open_page: OpenPage, net: Internet, tmp_path: Path, browser: str, name: str
) -> None:
    """Each property that a page is looked at by is safe by itself, whatever has its name."""
    page = open_page(browser)
    for shape, make in FEW.items():
        (tmp_path / shape).mkdir()
        site(net, tmp_path / shape, make(name))
        heard = Heard(page, net)
        assert heard.open() == "clear", shape


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("browser", BROWSERS)
def test_notice(
    open_page: OpenPage, net: Internet, tmp_path: Path, browser: str, shape: str
) -> None:
    """Where baits are cut off the second script and the notice run as on any other page."""
    paper = site(net, tmp_path, "".join(map(SHAPES[shape], NAMES)), blur="h1", notice="soft-wall")
    paper.cut_baits()
    heard = Heard(open_page(browser), net)
    assert heard.open(said="heard notice ") == "shown"


@pytest.mark.parametrize(("mode", "said"), [("corner", "preview"), ("explain", "clear")])
@pytest.mark.parametrize("browser", BROWSERS)
def test_simulation(
    open_page: OpenPage, net: Internet, tmp_path: Path, browser: str, mode: str, said: str
) -> None:
    """A signed link shows what it should."""
    paper = site(net, tmp_path, "".join(map(image, NAMES)))
    heard = Heard(open_page(browser), net)
    if mode == "explain":
        assert heard.open(paper.site.simulate_link(URL, mode)) == said
    else:
        heard.page.goto(paper.site.simulate_link(URL, mode))
        net.wait_for(lambda one: paper.names.texts in one.path)
        heard.check()


@pytest.mark.parametrize("key", ["b", "q", "a", "r"])
@pytest.mark.parametrize("url", [f"//{FOREIGN}/s.js", "../s.js", "/s.js", "\\\\foreign.example/s"])
def test_answer_that_leaves_our_folder(
    open_page: OpenPage, net: Internet, tmp_path: Path, key: str, url: str
) -> None:
    """An address in the control's answer that leads elsewhere is never asked for."""
    paper = site(net, tmp_path, "")
    paper.cut_baits()
    page = open_page("none")
    answers = []

    def changed(route: Route) -> None:
        reply = route.fetch()
        control = reply.json()
        control[key] = [[0, n, f"{url}?", f"{url}?"] for n in (1, 2)] if key == "b" else url
        answers.append(control)
        route.fulfill(response=reply, body=json.dumps(control))

    page.route(re.compile(r"\.json\?v="), changed)
    heard = Heard(page, net)
    assert heard.open() in ("unknown", "blocked")
    if key == "r":
        net.wait_for(lambda one: one.method == "POST" and "google" not in one.host)
    assert answers
    assert net.seen(FOREIGN) == net.seen(path_contains="/s.js") == []


def test_other_scripts_elements(open_page: OpenPage, net: Internet, tmp_path: Path) -> None:
    """Our script asks for nothing as a script of SVG, and nothing where its host is another."""
    paper = one_page(net, tmp_path, enabled=False)
    text = (folder() / "detect.min.js").read_text("utf-8")
    net.answer(FOREIGN, lambda request: Answer(text, "text/javascript"))
    page = open_page("none")
    heard = Heard(page, net)
    page.goto(URL)
    ours = f"/{paper.names.prefix}/{paper.names.word('script:detect', 6)}bcfghjkm.js"
    page.evaluate(
        """([own, foreign]) => Promise.all([
          new Promise((done) => {
            const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
            const script = document.createElementNS(svg.namespaceURI, "script");
            script.setAttribute("href", own);
            script.onload = script.onerror = done;
            svg.append(script);
            document.body.append(svg);
          }),
          new Promise((done) => {
            const script = document.createElement("script");
            script.src = foreign;
            script.onload = done;
            document.body.append(script);
          }),
        ]).then(() => fetch("/favicon.ico"))""",
        [ours, f"https://{FOREIGN}{PICTURE}"],
    )
    assert [one.path for one in paper.asked()] == [ours]
    assert not net.seen(path_contains="on?v=")
    assert heard.wrong == []


def test_every_name_is_escaped() -> None:
    """The names that are tried are those of the bundles, and fit into an attribute as they are."""
    assert {"currentScript", "head", "documentElement", "createElement"} <= set(NAMES)
    assert [escape(name) for name in NAMES] == NAMES
