"""Tests of detector.demo: the demo newspaper."""

from __future__ import annotations

import os
import re
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.request import urlopen

import pytest
from flask import Flask
from flask.testing import FlaskClient

from detector.demo import content
from detector.demo.app import create_app
from detector.demo.comments import KEPT, NAME_MAX, TEXT_MAX
from detector.demo.serve import check_folder, keep_secret, run

SECRET = "a secret for tests, long enough to be one"
ARTICLE = "/harbour/night-ferry"
PAGES = [
    "/",
    *(f"/{section.slug}" for section in content.edition().sections),
    *(f"/{article.section.slug}/{article.slug}" for article in content.edition().articles),
    "/big",
    "/stream",
    "/login",
]
ADSENSE = (
    '<script async src="https://pagead2.googlesyndication.com/pagead/js/adsbygoogle.js'
    '?client=ca-pub-0000000000000000" crossorigin="anonymous"></script>'
)
GPT = '<script async src="https://securepubads.g.doubleclick.net/tag/js/gpt.js"></script>'


class Page(HTMLParser):
    """The start tags of a page and the text in its headings."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append((tag, dict(attrs)))

    def all(self, *names: str) -> list[dict[str, str | None]]:
        """The attributes of every element with one of these names."""
        return [attrs for tag, attrs in self.tags if tag in names]


@pytest.fixture
def app() -> Flask:
    """The newspaper without the detector."""
    return create_app(secret=SECRET, detector=False)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A reader of the newspaper."""
    return app.test_client()


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_the_usual_ads(client: FlaskClient, path: str) -> None:
    """Every page answers 200 and carries both ad tags, slots with labels, and a third party."""
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
    """Whatever a page links to or loads from its own site is there."""
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


def test_comment_is_escaped(client: FlaskClient) -> None:
    """A posted comment is shown on the article's page, as text and never as markup."""
    mean = "<script>alert(1)</script> & *stars*"
    sent = client.post(f"{ARTICLE}/comments", data={"name": '<b>"Ann"', "text": mean})
    assert sent.status_code == 303
    assert sent.location == f"{ARTICLE}#comment-4"
    text = client.get(ARTICLE).text
    assert mean not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; *stars*" in text
    assert '<p class="comment-name">&lt;b&gt;&#34;Ann&#34;</p>' in text
    assert "4 comments" in text
    assert 'id="comment-4"' in text


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("", "Hello", "fill in both"),
        ("Ann", "  ", "fill in both"),
        ("A" * (NAME_MAX + 1), "Hello", f"{NAME_MAX} characters at most"),
        ("Ann", "x" * (TEXT_MAX + 1), f"{TEXT_MAX} characters at most"),
    ],
)
def test_comment_is_refused(client: FlaskClient, name: str, text: str, message: str) -> None:
    """A comment without name or text, or too long, is not kept and comes back with the reason."""
    response = client.post(f"{ARTICLE}/comments", data={"name": name, "text": text})
    assert response.status_code == 400
    alert = re.search(r'role="alert">(.*?)<', response.text)
    assert alert
    assert message in alert[1]
    assert f'value="{name}"' in response.text
    assert "3 comments" in client.get(ARTICLE).text


def test_comment_of_the_longest(client: FlaskClient) -> None:
    """A comment as long as allowed is kept whole."""
    data = {"name": "A" * NAME_MAX, "text": "x" * TEXT_MAX}
    assert client.post(f"{ARTICLE}/comments", data=data).status_code == 303
    assert f">{'x' * TEXT_MAX}</p>" in client.get(ARTICLE).text


def test_comments_are_bounded(client: FlaskClient) -> None:
    """Only the newest posted comments stay, so that nobody can fill the memory."""
    for number in range(KEPT + 2):
        client.post(f"{ARTICLE}/comments", data={"name": "Ann", "text": f"number {number}."})
    text = client.get(ARTICLE).text
    assert f"{KEPT + 3} comments" in text
    assert "number 1." not in text
    assert f"number {KEPT + 1}." in text


def test_huge_form_is_refused(client: FlaskClient) -> None:
    """A form larger than any comment is not read."""
    data = {"name": "Ann", "text": "x" * 20_000}
    assert client.post(f"{ARTICLE}/comments", data=data).status_code == 413


def test_comments_belong_to_one_app(client: FlaskClient) -> None:
    """Two apps in one process share no comments."""
    client.post(f"{ARTICLE}/comments", data={"name": "Ann", "text": "Hello"})
    other = create_app(secret=SECRET, detector=False).test_client()
    assert "3 comments" in other.get(ARTICLE).text


def test_big_page(client: FlaskClient) -> None:
    """The page for benches is 100 KB, give or take a tenth, and the same every time."""
    first = client.get("/big").data
    assert 92_160 <= len(first) <= 112_640
    assert client.get("/big").data == first


def test_stream(client: FlaskClient) -> None:
    """The tide table is sent in pieces, without a length, and its rows after its head."""
    response = client.get("/stream", buffered=False)
    assert response.is_streamed
    assert "Content-Length" not in response.headers
    pieces = [bytes(piece) for piece in response.iter_encoded()]
    assert len(pieces) > 100
    assert b"High" not in b"".join(pieces[:3])
    assert b"".join(pieces).count(b"<td>High</td>") == 54
    assert pieces[-1].rstrip().endswith(b"</html>")


def test_member_needs_a_login(client: FlaskClient) -> None:
    """The members' page sends strangers to the log-in, and nobody else is asked for one."""
    for path in ("/member", "/member/anything"):
        response = client.get(path)
        assert response.status_code == 302
        assert response.location == "/login"
    assert client.post("/login").location == "/member"
    page = client.get("/member")
    assert page.status_code == 200
    assert "stands behind a log-in hook" in page.text
    assert '<ins class="adsbygoogle' in page.text


@pytest.mark.parametrize("path", ["/nowhere", "/harbour/nowhere", "/a/b/c", "/static/nothing.css"])
def test_missing_page(client: FlaskClient, path: str) -> None:
    """A missing page is a 404 in the newspaper's own dress, with a way on and with ads."""
    response = client.get(path)
    assert response.status_code == 404
    assert "This page is not in today’s paper" in response.text
    assert '<a href="/">front page</a>' in response.text
    assert ADSENSE in response.text
    assert '<ins class="adsbygoogle' in response.text


def test_direction_and_language(client: FlaskClient) -> None:
    """`?dir=` and `?lang=` set the page's direction and language, and its links keep them."""
    text = client.get("/?dir=rtl&lang=ar").text
    assert '<html lang="ar" dir="rtl">' in text
    assert f'href="{ARTICLE}?dir=rtl&amp;lang=ar"' in text
    assert 'href="/static/paper.css"' in text


@pytest.mark.parametrize("query", ["", "?dir=up&lang=%22%3E%3Cxyz", "?dir=RTL&lang=x"])
def test_direction_is_checked(client: FlaskClient, query: str) -> None:
    """Any other direction or language is the default, and never markup."""
    text = client.get(f"/{query}").text
    assert '<html lang="en" dir="ltr">' in text
    assert "<xyz" not in text


def test_style_sheet_keeps_directions_and_slots_apart() -> None:
    """The style sheet names no physical side, and gives every kind of slot its height."""
    sheet = Path(content.__file__).with_name("static").joinpath("paper.css").read_text("utf-8")
    assert not re.search(r"(margin|padding|border)-(left|right)|text-align: (left|right)", sheet)
    assert not re.search(r"[{;\s](left|right|width|height):", sheet)
    for kind, size in (("wide", "100px"), ("rectangle", "250px")):
        assert re.search(rf"\.reserve-{kind} \.reserve-panel {{[^}}]*block-size: {size}", sheet)
    assert not re.search(r"url\(\"?(https?:)?//|@import|@font-face", sheet)


def test_secret_is_kept(tmp_path: Path) -> None:
    """The secret is made once, for the owner's eyes alone, and read from then on."""
    first = keep_secret(tmp_path / "demo.sqlite")
    beside = tmp_path / "demo.sqlite.secret"
    assert stat.S_IMODE(beside.stat().st_mode) == 0o600
    assert len(first) >= 32
    assert keep_secret(tmp_path / "demo.sqlite") == first
    assert keep_secret(tmp_path / "other.sqlite") != first


def test_secret_is_closed_again(tmp_path: Path) -> None:
    """A secret that others could read is closed to them at the next start."""
    first = keep_secret(tmp_path / "demo.sqlite")
    beside = tmp_path / "demo.sqlite.secret"
    beside.chmod(0o644)
    assert keep_secret(tmp_path / "demo.sqlite") == first
    assert stat.S_IMODE(beside.stat().st_mode) == 0o600


@pytest.mark.parametrize("kept", [b"", b"short\n", b"\xff" * 40])
def test_secret_is_refused(tmp_path: Path, kept: bytes) -> None:
    """A secret file that is too short or no text is named, with what to do."""
    beside = tmp_path / "demo.sqlite.secret"
    beside.write_bytes(kept)
    with pytest.raises(SystemExit, match=r"demo\.sqlite\.secret .*Delete it and start again"):
        keep_secret(tmp_path / "demo.sqlite")


def test_folder_is_made(tmp_path: Path) -> None:
    """The folder of the store's file is made, and nothing is left in it."""
    check_folder(tmp_path / "new" / "folder" / "demo.sqlite")
    assert list((tmp_path / "new" / "folder").iterdir()) == []


def test_folder_is_refused(tmp_path: Path) -> None:
    """A folder that cannot be made, or a folder in place of a file, is named with its cure."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SystemExit, match=r"--db .*cannot be written .*--db demo\.sqlite"):
        check_folder(tmp_path / "file" / "demo.sqlite")
    with pytest.raises(SystemExit, match=r"--db .* is a folder: name a file in it"):
        check_folder(tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="needs a folder that not even root can write")
def test_unwritable_folder_is_refused() -> None:
    """A folder that exists but takes no files is refused before anything is served."""
    with pytest.raises(SystemExit, match=r"--db /proc/demo\.sqlite: its folder cannot be written"):
        check_folder(Path("/proc/demo.sqlite"))


def test_busy_port_is_refused(tmp_path: Path) -> None:
    """A port in use is named, and another one is proposed."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SystemExit, match=rf"--port {port} .* cannot be opened .*--port \d+$"):
            run(port=port, db=str(tmp_path / "demo.sqlite"))


@pytest.mark.parametrize(
    ("host", "port", "message"),
    [
        ("203.0.113.7", 0, "--host 203.0.113.7 is not an address of this machine"),
        ("127.0.0.1", 70_000, "--port 70000 is no port"),
    ],
)
def test_bad_address_is_refused(tmp_path: Path, host: str, port: int, message: str) -> None:
    """An address that cannot be served is named by its option."""
    with pytest.raises(SystemExit, match=message):
        run(host, port, str(tmp_path / "demo.sqlite"))


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str, list[str]]]:
    """The demo in its own process with the default store: process, address, what it printed."""
    code = "from detector.demo.serve import run; run(port=0)"
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(content.__file__).parents[2])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        lines = []
        while "/stream" not in (line := process.stdout.readline()):
            assert line, process.communicate()[1]
            lines.append(line)
        address = re.search(r"http://127\.0\.0\.1:\d+", lines[0])
        assert address
        yield process, address[0], lines
    finally:
        process.kill()
        process.communicate()


def test_run(served: tuple[subprocess.Popen[str], str, list[str]], tmp_path: Path) -> None:
    """The demo serves tagged pages, says what to try, keeps its secret, and ends on SIGTERM."""
    process, address, lines = served
    assert f"detector stats --db {Path('.cache', 'demo.sqlite')}" in "".join(lines)
    secret = tmp_path / ".cache" / "demo.sqlite.secret"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    with urlopen(f"{address}{ARTICLE}", timeout=10) as response:
        text = response.read().decode()
    plain = create_app(secret=SECRET, detector=False).test_client().get(ARTICLE).text
    assert len(text) > len(plain)
    assert secret.read_text().strip() not in text
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=10)
    assert (process.returncode, err) == (0, "")


def test_detector_answers_before_the_newspaper(tmp_path: Path) -> None:
    """With the detector a page gains its script, which is answered without the app's own hooks."""
    app = create_app(secret=SECRET, db=str(tmp_path / "demo.sqlite"), notice="none")

    @app.before_request
    def closed() -> tuple[str, int]:
        return "closed", 503

    open_app = create_app(secret=SECRET, db=str(tmp_path / "demo.sqlite"))
    sources = {tag.get("src") for tag in Page(open_app.test_client().get("/").text).all("script")}
    plain = create_app(secret=SECRET, detector=False).test_client().get("/")
    ours = sources - {tag.get("src") for tag in Page(plain.text).all("script")}
    assert len(ours) == 1
    script = app.test_client().get(str(ours.pop()))
    assert script.status_code == 200
    assert script.mimetype == "text/javascript"
    assert app.test_client().get("/").status_code == 503
