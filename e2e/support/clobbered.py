"""Pages whose user content has names and ids that shadow what scripts read: DOM clobbering."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from playwright.sync_api import ConsoleMessage, Page

from detector.core.assets import folder
from detector.core.html.tag import INLINE
from detector.testing.internet import Internet
from detector.testing.messages import Answer, Request
from e2e.support.newspaper import URL, Paper, one_page

FOREIGN = "foreign.example"
PICTURE = "/x.js"
LURE = f"//{FOREIGN}{PICTURE}"
RAN = "a foreign script ran"
# The parser reaches the frame at the end only after all other content is in the document.
HTML = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Page</title>
<link rel="icon" href="data:,"><script nonce="abc">
for (const name of ["verdict", "notice"])
  document.addEventListener("ads:" + name, ({ detail }) =>
    console.log("heard", name, detail.state || detail.action));
</script></head><body><h1>Page</h1><div hidden>%s</div><iframe src="/parsed"></iframe>
</body></html>"""


def built() -> str:
    """Return the text of all scripts that a page may load from the detector."""
    return INLINE + "".join(path.read_text("utf-8") for path in folder().glob("*.min.js"))


NAMES = sorted(set(re.findall(r"[A-Za-z_$][\w$]*", built())))
PROPERTIES = sorted(set(re.findall(r"\.([A-Za-z_$][\w$]*)", built())))


def image(name: str) -> str:
    """Return an image with this name and id."""
    return f'<img name="{name}" id="{name}" src="{LURE}" alt="">'


def link(name: str) -> str:
    """Return two links with this id: a collection, with a member for each name."""
    both = [f'<a id="{name}" name="{name}" href="{LURE}"></a>', f'<a id="{name}" name="src"></a>']
    return "".join(both)


def form(name: str) -> str:
    """Return a form with this name, whose inputs shadow its own properties."""
    inputs = "".join(f'<input name="{one}" value="{LURE}">' for one in PROPERTIES)
    return f'<form name="{name}" id="{name}" action="{LURE}">{inputs}</form>'


def around(content: str) -> str:
    """Return a form around some content, as high as an ad, whose properties are all shadowed."""
    inputs = "".join(f'<input type="hidden" name="{one}">' for one in PROPERTIES)
    style = "height: 270px; width: 300px"
    return f'</div><form tabindex="0" style="{style}">{inputs}{content}</form><div>'


def embedded(name: str) -> str:
    """Return the elements that some browsers can call as functions, all with this name."""
    return f'<embed name="{name}"><object id="{name}"></object>'


def frame(name: str) -> str:
    """Return a frame with this name, which is a window of another origin."""
    return f'<iframe name="{name}" sandbox srcdoc=""></iframe>'


SHAPES = {"image": image, "link": link, "form": form, "embedded": embedded}
# A window for each of hundreds of names is too much for a browser.
FEW = {**SHAPES, "frame": frame}


def foreign(request: Request) -> Answer:
    """Answer as an attacker would: a bootstrap with the requested view, else a script."""
    view = re.search(r"[?&]v=(\d+)", request.path)
    if not view:
        return Answer(f"console.log({RAN!r})", "text/javascript")
    bait = [0, 0, "script.js?", "script.js?"]
    control = {"v": view[1], "t": "t", "x": "x", "w": 1, "b": [bait, bait], "q": "q?", "a": "a.js"}
    control |= {"e": ["a", "b"], "i": ["", ""], "l": [10], "h": "none", "s": "", "n": "n.js"}
    return Answer(json.dumps(control), headers=[("Access-Control-Allow-Origin", "*")])


def site(net: Internet, path: Path, content: str, **options: Any) -> Paper:
    """Serve a page with such content, and the scripts only after all of it has been parsed."""
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
    """Collects a page's messages from now on, without reading its document."""

    def __init__(self, page: Page, net: Internet) -> None:
        self.page, self.net = page, net
        self.wrong: list[str] = []
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("console", self._note)

    def _note(self, message: ConsoleMessage) -> None:
        if message.text == RAN:
            self.wrong.append(RAN)

    def open(self, url: str = URL, said: str = "heard verdict ") -> str:
        """Open a page and return the rest of the first line with this beginning."""
        told = self.page.expect_console_message(lambda one: one.text.startswith(said))
        with told as found:
            self.page.goto(url)
        self.check()
        return found.value.text.removeprefix(said)

    def check(self) -> None:
        """Raise if anything but the image was requested from other hosts, or an error occurred."""
        asked = {
            (one.method, one.path, one.headers.get("sec-fetch-dest"))
            for one in self.net.seen(FOREIGN)
        }
        assert asked <= {("GET", PICTURE, "image")}
        assert self.wrong == []
