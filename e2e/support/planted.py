"""A shop with bugs that only an ad blocker causes, with names from a seed."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable
from dataclasses import dataclass
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from detector.core.baits import pool
from detector.testing.messages import Answer, Request

HOST = "shop.example"
URL = f"https://{HOST}"
BUGS = ("hidden", "script", "covered", "shift")
SELDOM = "seldom"
"""A page that fails by itself, at its third visit: the first one under a blocker."""
_LETTERS = "bcdfghjklmnpqrstvwxz"
# Usual content: an ad in a slot, text around it, links and buttons.
_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<link rel="icon" href="data:,"><style>body {{ font: 16px sans-serif; margin: 2rem }}
.place {{ width: 300px; height: 250px }}</style>
<script src="https://{ads}/ad.js"></script></head><body>
<nav><a href="/">Start</a> <a href="/hidden">Offers</a> <a href="https://other.example/">Us</a></nav>
<main><h1>{title}</h1>
<div class="place"><div class="{slot}"><a href="https://{ads}/go"><img alt="Buy" src="/{slot}.png">
</a><iframe src="https://{ads}/frame"></iframe></div></div>
<p>A shop sells things, and says so at some length: what they are, and why one would want them.</p>
<button type="button" onclick="this.textContent = 'Thanks'">Add to cart</button>
<label>Search <input type="search" name="q"></label>
{bug}</main></body></html>"""


@dataclass(frozen=True)
class Names:
    """A list's targets: a class of ads and one of a button, a script's path, an ad host."""

    slot: str
    button: str
    script: str
    ads: str
    word: str

    @property
    def filters(self) -> str:
        """A filter list with exactly these."""
        return f"##.{self.slot}\n##.{self.button}\n/{self.script}$script\n||{self.ads}^\n"


def made_up(seed: int) -> Names:
    """Return names that only the test's own list has."""
    draw = random.Random(seed)
    a, b, c, d, e = ("".join(draw.choices(_LETTERS, k=8)) for _ in range(5))
    return Names(a, b, f"js/{c}.js", f"{d}.example", e)


def listed(seed: int) -> Names:
    """Return names that the usual lists block."""
    draw = random.Random(seed)
    word = "".join(draw.choices(_LETTERS, k=8))
    found = pool.load()
    paths = [one.path for one in found.requests if one.type == "script" and one.everywhere]
    slot, button = draw.sample(found.elements, 2)
    script = draw.choice(paths).replace("{w}", word)
    # None of the test internet's default hosts.
    return Names(slot, button, script, "ads.pubmatic.com", word)


def bug(kind: str, names: Names) -> str:
    """Return the part of a page that breaks under a blocker."""
    word = names.word
    return {
        "hidden": f'<button class="{names.button}" id="{word}">Check out</button>',
        "script": f'<script src="/{names.script}"></script><button id="{word}">Pay</button>'
        f"<script>{word}(document.getElementById('{word}'))</script>",
        "covered": f"<script>if (!window.shown) document.write('<div class={word} "
        'style="position:fixed;inset:0;z-index:9"></div>\')</script>',
        # A shift before the first paint is invisible; the request keeps the page busy.
        "shift": "<script>onload = () => { if (window.shown) return;"
        f"const box = document.createElement('div'); box.id = '{word}';"
        "box.style.height = '400px'; let left = 4; const timer = setInterval(() => {"
        "fetch('/late.svg?' + Math.random());"
        "if (!performance.getEntriesByName('first-contentful-paint').length || --left) return;"
        "clearInterval(timer); document.querySelector('main').before(box) }, 100) }</script>",
    }.get(kind, "")


def shop(names: Names) -> WSGIApplication:
    """Return the shop: one page without a bug, and one for each bug."""

    visits = itertools.count(1)

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"].strip("/")
        if path.startswith(names.script.partition("?")[0]):
            start_response("200 OK", [("Content-Type", "text/javascript")])
            return [f"window.{names.word} = (one) => one.focus();".encode()]
        if path and path not in (*BUGS, SELDOM):
            start_response("200 OK", [("Content-Type", "image/svg+xml")])
            return [b'<svg xmlns="http://www.w3.org/2000/svg" width="300" height="100"/>']
        wrong = bug(path, names)
        if path == SELDOM and next(visits) == 3:
            wrong = f"<script>{names.word}()</script>"
        text = _PAGE.format(title=path or "Shop", ads=names.ads, slot=names.slot, bug=wrong)
        start_response("200 OK", [("Content-Type", "text/html; charset=utf-8")])
        return [text.encode()]

    return app


def ads(request: Request) -> Answer:
    """Answer as an ad host."""
    if request.path.endswith(".js"):
        return Answer("window.shown = true;", "text/javascript")
    return Answer("<!doctype html><title>Ad</title>An ad", "text/html")
