"""The HTML report: its content, and the escaping of everything from a site."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from html.parser import HTMLParser

import pytest

from detector.audit import html
from detector.audit.markup import Html, address, tag
from detector.audit.model import Failed, PageVisit, Report, Under
from detector.audit.wording import summary
from tests.audit.reports import HOSTILE, broken, hostile, report

VOID = ("meta", "img", "link")


class Page(HTMLParser):
    """A parsed page: its elements with their attributes, its ids, its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, name: str, attrs: list[tuple[str, str | None]]) -> None:
        """Record an element."""
        self.elements.append((name, {key: value or "" for key, value in attrs}))
        if name not in VOID:
            self._open.append(name)

    def handle_endtag(self, name: str) -> None:
        """Check an end tag against its start tag."""
        assert self._open.pop() == name

    def handle_data(self, data: str) -> None:
        """Record visible text."""
        if self._open and self._open[-1] != "style":
            self.text += f"{data}\n"

    def all(self, name: str, key: str) -> list[str]:
        """Return an attribute's value for all elements of a name that have it."""
        return [attrs[key] for one, attrs in self.elements if one == name and key in attrs]


def test_the_table_and_the_cards() -> None:
    """Every page has a row, every visit a cell with a sign, a word and a link to its card."""
    made = broken(report("/", "/cart?x=1&y=2"))
    page = Page(html.page(made))
    assert re.sub(r"\s+", " ", page.text).count("/cart?x=1&y=2") >= 3
    for words in ("✗\n \n2 problems", "!\n \nnot seen", "–\n \nnot visited", "✓\n \nworks"):
        assert words.replace("\n", "") in page.text.replace("\n", ""), words
    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    goals = [href[1:] for href in page.all("a", "href") if href.startswith("#")]
    assert len(goals) >= 2 * 4
    assert set(goals) <= set(ids)


def test_what_is_told_of_a_look() -> None:
    """A card has the verdict, the notice, blocked requests apart from baits, and other failures."""
    page = Page(html.page(report()))
    text = page.text.replace("\n", "")
    for words in (
        *("blocked, kind extension", "shown, can be closed: “Ads are blocked here They pay"),
        *("1 request blocked", "1 bait of the detector blocked", "1 other request failed"),
        *("https://ads.example/tag.js?slot=1", " (404 Not Found)", "2.3 s", "none shown"),
    ):
        assert words in text, words
    plain = Report("https://a.example/", "2026-11-23T08:30:00+00:00", [Under("none", "Chromium")])
    plain.visits = [
        PageVisit("https://a.example/", "none", shift=0.25, final_url="https://a.example/x")
    ]
    text = Page(html.page(plain)).text.replace("\n", "")
    for words in (
        "the page does not have our detector",
        "0.25",
        "https://a.example/x",
        "no picture",
    ):
        assert words in text, words


def test_each_problem_once_with_its_places() -> None:
    """A problem of several pages is listed once, with a link to each."""
    made = report("/", "/a")
    for visit in made.visits:
        if visit.blocker == "easylist":
            visit.problems = broken(report()).visits[1].problems
    text = html.page(made)
    listed = text.partition("What broke")[2].partition("Visited with")[0]
    assert listed.count("“Pay now” is hidden under the blocker") == 1
    assert "/ under easylist" in listed
    assert "/a under easylist" in listed
    assert "What broke" not in html.page(report())


def test_versions_dates_and_what_did_not_run() -> None:
    """Each blocker has its label, whether it is real, and why it did not finish."""
    text = Page(html.page(broken(report()))).text.replace("\n", "")
    assert "lists of 2026-10-30)" in text
    for words in ("easylist emulation", "ublock-origin real", "none no blocker"):
        assert words in text
    assert "did not run to the end: the browser ended" in text


def test_pictures_stand_without_a_blocker_first() -> None:
    """Pictures have a row for each engine, with the clean picture first."""
    made = report()
    for visit in made.visits:
        visit.picture = f"pictures/x.{visit.blocker}.png"
    made.blockers = [made.blockers[at] for at in (1, 3, 0, 2)]
    page = Page(html.page(made))
    names = [src.split(".")[1] for src in page.all("img", "src")]
    assert names == ["none", "easylist", "none-firefox", "ublock-origin"]
    assert page.all("img", "alt")[:2] == ["The page without a blocker", "The page under easylist"]


WEBP = "data:image/webp;base64,UklGRg=="


def test_pictures_are_in_the_page() -> None:
    """A picture in the page leads to its larger view and back; nothing leads to another file."""
    made = report()
    for visit in made.visits:
        visit.picture = f"pictures/x.{visit.blocker}.png"
    page = Page(html.page(made, lambda paths, room: dict.fromkeys(paths, WEBP)))
    assert page.all("img", "src") == [WEBP] * 4
    goals = {one for one in page.all("a", "href") if not one.startswith("https://")}
    assert all(one.startswith("#") for one in goals)
    assert {"#page-1-1-large", "#page-1-1"} <= goals
    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    assert {one[1:] for one in goals} <= set(ids) and len(ids) == len(set(ids))


@pytest.mark.parametrize(
    "data",
    ["", "data:text/html,<script>", "data:image/svg+xml;base64,AA==", f'{WEBP}"><script>', "x"],
)
def test_what_is_no_webp_is_not_embedded(data: str) -> None:
    """A text that is not a WebP's data URL gets nowhere; the file is shown instead."""
    made = report()
    made.visits[0].picture = "pictures/x.png"
    told = html.page(made, lambda paths, room: {"pictures/x.png": data})
    assert Page(told).all("img", "src") == ["pictures/x.png"]
    assert "<script" not in told


def test_only_pictures_of_the_folder_are_read() -> None:
    """Paths that lead out of the report's folder are not asked for."""
    made = report()
    for visit, path in zip(made.visits, ["../a.png", "/a.png", "a.svg", "p/a.png"], strict=True):
        visit.picture = path
    asked: list[str] = []

    def embed(paths: Sequence[str], room: int) -> dict[str, str]:
        asked.extend(paths)
        return {}

    html.page(made, embed)
    assert asked == ["p/a.png"]


def test_the_text_leaves_room_for_pictures() -> None:
    """A hundred visits with thousands of long requests each take the smaller part of the page."""
    made = report(*(f"/{number}" for number in range(25)))
    url = "https://ads.example/" + "x" * 400
    for visit in made.visits:
        visit.failed = [Failed(f"{url}{n}", "image", "", blocked=True) for n in range(300)]
        visit.console = [f"{n} {'y' * 500}" for n in range(300)]
        visit.picture = "pictures/x.png"
    rooms: list[int] = []

    def embed(paths: Sequence[str], room: int) -> dict[str, str]:
        rooms.append(room)
        return dict.fromkeys(paths, f"{WEBP[:-8]}{'A' * (room // len(paths) - 40)}")

    told = html.page(made, embed)
    assert rooms[0] > 3_000_000
    assert 4_500_000 < len(told.encode()) <= html.LARGEST
    assert "300 requests blocked" in told and "more, in report.json" in told


@pytest.mark.parametrize("text", [HOSTILE, "x" * 10_000, HOSTILE * 200, "", "javascript:alert(1)"])
def test_nothing_of_a_site_gets_out(text: str) -> None:
    """A site's texts create no element, attribute or address; long ones are cut."""
    told = html.page(hostile(text))
    page = Page(told)
    assert {name for name, _ in page.elements} <= {
        *("html", "head", "meta", "link", "title", "style", "body", "header", "main", "footer"),
        *("section", "article", "h1", "h2", "h3", "p", "a", "bdi", "time", "b", "i", "ul", "li"),
        *("table", "thead", "tbody", "tr", "th", "td", "div", "span", "dl", "dt", "dd"),
        *("details", "summary"),
    }
    assert not [key for _, attrs in page.elements for key in attrs if key.startswith("on")]
    for href in page.all("a", "href"):
        assert href.startswith(("#", "https://news.example/")), href
    assert len(told) < 150_000
    assert told.encode("utf-8")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", told)
    if "<script>" in text:
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in told
        assert "👩‍💻" in told


@pytest.mark.parametrize(
    "path", ["../../secret.png", "/etc/x.png", "https://x.example/a.png", "a.svg", "a/.b.png", ""]
)
def test_pictures_lie_in_the_folder(path: str) -> None:
    """A picture that is not a PNG in the report's folder is not shown."""
    made = report()
    made.visits[0].picture = path
    assert Page(html.page(made)).all("img", "src") == []


def test_the_policy_lets_the_style_in_and_nothing_else() -> None:
    """The policy has the hash of the style, and allows no scripts."""
    told = html.page(report())
    style = told.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = next(
        attrs["content"]
        for _, attrs in Page(told).elements
        if attrs.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy == f"default-src 'none'; img-src 'self' data: file:; style-src 'sha256-{digest}'"
    assert "style=" not in told


def test_a_report_of_nothing() -> None:
    """A report without pages and blockers is rendered too."""
    assert "Nothing broke" in html.page(Report("https://a.example/", "2026-11-23T08:30:00+00:00"))


def test_the_sentence_on_the_whole() -> None:
    """The summary counts problems, visits that failed and blockers that did not run."""
    assert summary(report()) == "Nothing broke under any blocker."
    made = broken(report("/", "/a"))
    made.stopped = True
    assert summary(made) == (
        "1 of 6 visits found something broken; 1 of 6 visits failed; "
        "1 of 4 browsers did not run to the end; the audit was stopped early."
    )


def test_long_lists_are_cut() -> None:
    """A page with thousands of blocked requests lists some, and their number."""
    made = report()
    made.visits[1].failed = [
        Failed(f"https://a.example/{n}", "image", "", blocked=True) for n in range(3000)
    ]
    text = Page(html.page(made)).text
    assert "3,000 requests blocked" in text
    assert "and 2,800 more, in report.json" in text


def test_markup_escapes() -> None:
    """Texts and attributes are escaped, built markup is not, and unsafe addresses are not links."""
    assert tag("p", '<b>"', Html("<i>"), None, title='"<', hidden=True, id=None) == (
        '<p title="&quot;&lt;" hidden>&lt;b&gt;&quot;<i></p>'
    )
    assert tag("img", src="a.png") == '<img src="a.png">'
    assert address("javascript:x") == '<bdi dir="ltr">javascript:x</bdi>'
    assert address("https://a.example/").startswith('<a href="https://a.example/" rel="noreferrer"')
