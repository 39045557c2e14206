"""The script's requests through a real Apache with ModSecurity and the Core Rule Set."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest

from detector.core.config.loading import make_config
from detector.core.html.page_flags import PageFlags
from detector.core.preview_links import EXPLAIN
from detector.core.site import Site
from detector.core.texts.locales import LOCALES
from detector.core.tokens import as_group
from detector.core.vocabulary import KINDS_OR_UNSURE, MODES, NOTICE_ACTIONS, SHOWN_MODES
from detector.wsgi import DetectorMiddleware
from tests.conftest import FIREFOX, SECRET
from tests.support.deployed import news, served
from tests.support.firewall import Firewall, firewall
from tests.support.tags import SCRIPT, script

HOST = "news.example"
VIEW = "01234567890123456789"
# Routes as frameworks write them, and owners' groups, some of which look like attacks.
GROUPS = (
    *("/", "", "/story/<int:id>", "/story/<slug>/", "/files/*", "/files/*/*/*", "/{slug:path}"),
    *("^blog/(?P<year>[0-9]{4})/$", "^(?P<a>\\d+)/(?P<b>\\w+)/(?P<c>[^/]+)/(?P<d>.*)$"),
    *("/a b/c  d", '/it\'s/"quoted"', "/größe/цена/値段", "/a--b--c", "/a---b", "--", "/a/**/b"),
    *("/*!50000select*/", "/a;b;c", "/etc/passwd", "/.env", "/../../etc/shadow", "/bin/bash"),
    *("/union/select/from", "/docs/base64_decode", "/docs/file_get_contents", "/select * from a"),
    *("/0xdeadbeef", "/article/x-y-z-1-2-3-4-5-6-7-8-9-a-b", "/" * 48, "*" * 48, "-" * 48),
    *("/proc/self/environ", "/<script>alert(1)</script>", "' or 1=1 --", "/wp-config.php", "/$x"),
)
HEADERS = {"User-Agent": FIREFOX, "Accept-Language": "de,en;q=0.7", "Accept-Encoding": "gzip"}
FETCH = {"Sec-Fetch-Dest": "empty", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Site": "same-origin"}


class Front(NamedTuple):
    """A site behind a firewall: the site, the firewall, and a visitor's connection."""

    site: Site
    firewall: Firewall
    http: HTTPConnection

    @property
    def folder(self) -> str:
        """Return the folder of the site's own URLs."""
        return f"/{self.site.names.prefix}/"

    def ask(
        self, path: str, method: str = "GET", body: str | None = None, **more: str
    ) -> tuple[int, str]:
        """Send a request as Firefox does for a page of the site, and return status and body."""
        headers = {"Host": HOST, "Accept": "*/*", **HEADERS, **FETCH}
        headers |= {"Referer": f"http://{HOST}/", "Accept-Encoding": "identity"}
        headers |= {name.replace("_", "-"): value for name, value in more.items()}
        self.http.request(method, path, body, headers)
        answer = self.http.getresponse()
        return answer.status, answer.read().decode("latin-1")

    def page(self, number: int = 0, query: str = "") -> tuple[str, str]:
        """Load a page of a group; return the address and the token of its script."""
        accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
        status, html = self.ask(f"/article/{number}{query}", Accept=accept)
        assert status == 200, self.firewall.hits
        return script(html)

    def control(self, src: str, token: str, more: str = "") -> dict[str, Any]:
        """Begin a view as the script does."""
        status, body = self.ask(f"{src}on?v={VIEW}&p={token}&w=false{more}")
        assert status == 200, self.firewall.hits
        found: dict[str, Any] = json.loads(body)
        assert found["v"] == VIEW
        return found

    def report(self, body: object, kind: str = "application/json") -> int:
        """Send a report as the script's beacon does; return the status."""
        origin = {"Origin": f"http://{HOST}", "Content_Type": kind}
        path = self.folder + self.site.names.report
        return self.ask(path, "POST", json.dumps(body), Sec_Fetch_Mode="no-cors", **origin)[0]


@pytest.fixture(scope="module", params=[1, 2])
def front(request: pytest.FixtureRequest) -> Iterator[Front]:
    """Yield a site behind a blocking firewall, at one of the paranoia levels."""
    site = Site(make_config(secret=SECRET, from_view=1, level="full"))
    number = {f"/article/{n}": group for n, group in enumerate(GROUPS)}
    app = DetectorMiddleware(
        news().wsgi_app, site=site, group=lambda environ: number[environ["PATH_INFO"]]
    )
    with served(app) as url, firewall(url, request.param) as wall:
        http = HTTPConnection("127.0.0.1", wall.port, timeout=30)
        yield Front(site, wall, http)
        http.close()


@pytest.fixture(autouse=True)
def nothing_is_hit(front: Front) -> Iterator[None]:
    """Compare the firewall's log before and after each test: no rule matches."""
    before = len(front.firewall.hits)
    yield
    assert front.firewall.hits[before:] == []


@pytest.mark.parametrize("number", range(len(GROUPS)), ids=GROUPS)
def test_view_of_every_group(front: Front, number: int) -> None:
    """For any route, script, bootstrap and report pass and are counted."""
    src, token = front.page(number)
    assert front.ask(src)[0] == 200
    told = front.control(src, token)
    body = {"t": told["t"], "p": token, "s": "blocked", "i": "extension", "f": [1, 22], "e": True}
    assert front.report({**body, "r": "ae"}) == 204
    assert front.site.tokens.read_page(token) == as_group(GROUPS[number])


def test_view_with_every_flag(front: Front) -> None:
    """A page's flags after its token pass too, and so does a second look."""
    src, token = front.page()
    for flags in (
        PageFlags(mode, rules, True) for mode in MODES for rules in (None, 0, 0xFFFFFFFF)
    ):
        front.control(src, f"{token}{flags}", "&a=1")
        assert front.report({"t": "", "p": f"{token}{flags}", "s": "clear", "i": None}) == 204


@pytest.mark.parametrize("more", [{"single_page": True, "gpc": "local"}, {"consent": "tcf"}])
def test_script_with_settings(front: Front, more: dict[str, Any]) -> None:
    """The script that carries a site's settings in its query passes."""
    site = Site(make_config(secret=SECRET, **more))
    assert front.ask(front.folder + site.tagger.file())[0] == 200


def test_every_bait(front: Front) -> None:
    """Every bait of the pool and its control pass, with GET and HEAD."""
    told = front.control(*front.page())
    for pair in front.site.baits[front.site.names.prefix].pairs:
        for bait in pair:
            path = front.folder + bait.url + told["t"]
            assert [front.ask(path, method)[0] for method in ("GET", "HEAD")] == [200, 200], bait


def test_notice(front: Front) -> None:
    """The second script, the texts of every mode, kind and language, and each action pass."""
    src, token = front.page()
    told = front.control(src, token)
    assert front.ask(front.folder + told["a"])[0] == front.ask(front.folder + told["n"])[0] == 200
    asked = [(mode, kind, "en") for mode in SHOWN_MODES for kind in KINDS_OR_UNSURE]
    asked += [("corner", "unsure", language) for language in ("", *LOCALES)]
    for mode, kind, language in asked:
        query = f"?m={mode}&i={kind}&y=a&s=1&l={language}"
        assert front.ask(front.folder + told["c"] + query)[0] == 200
    common = {"t": told["t"], "p": token, "s": "blocked", "i": None, "y": "", "l": "pt-BR"}
    for action in NOTICE_ACTIONS:
        for mode in SHOWN_MODES:
            assert front.report({**common, "a": action, "m": mode}) == 204


def test_link_that_simulates(front: Front) -> None:
    """A signed link shows its page, and its script is answered."""
    for mode in (*SHOWN_MODES, EXPLAIN):
        for kind in KINDS_OR_UNSURE:
            link = front.site.simulate_link(f"http://{HOST}/article/0", mode, kind)
            status, html = front.ask("/article/0?" + link.partition("?")[2])
            assert status == 200
            own = [one for one in SCRIPT.finditer(html) if "data-" in one[0]][-1]
            query = f"?z={quote(own['token'])}"
            assert front.ask(own["src"][:-2] + "json" + query)[0] == 200


def test_state_cookie(front: Front) -> None:
    """The cookie of level `full` passes with every page."""
    name = front.site.state_cookie.header("blocked").partition(";")[0]
    assert front.ask("/article/0", Cookie=f"{name}; other=1")[0] == 200
