"""The gallery of the notice: its pages, its script, its texts, and its command."""

from __future__ import annotations

import json
import re
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from detector.cli.main import main
from detector.core.assets import script
from detector.core.config.options import Config
from detector.notice_preview.app import Gallery
from detector.notice_preview.cases import DIRECTIONS, MODES, THEMES, WIDTHS, cases, modes
from detector.notice_preview.server import running
from tests.support.calls import call_wsgi

SECRET = "x" * 20


def get(path: str, **options: Any) -> tuple[str, str]:
    """Return status and body of a gallery's page."""
    gallery = Gallery(Config(secret=SECRET, **options))
    path, _, query = path.partition("?")
    result = call_wsgi(gallery, path=path, QUERY_STRING=query)
    return result.status, result.body.decode()


def test_every_mode_theme_direction_and_width_is_a_case() -> None:
    """The gallery has every mode in each theme, direction and width; slots once per ad size."""
    found = list(cases(MODES))
    seen = {(case.mode, case.theme, case.direction, case.width) for case in found}
    assert len(seen) == len(MODES) * len(THEMES) * len(DIRECTIONS) * len(WIDTHS)
    assert len({case.name for case in found}) == len(found)
    assert {case.place for case in found} == {"", "300x250", "320x100", "728x90"}


def test_index_links_every_case() -> None:
    """The first page has a frame and a link for every case."""
    status, body = get("/")
    assert status == "200 OK"
    assert (
        body.count("<iframe")
        == len(list(cases(MODES)))
        == len(re.findall('aria-label="Open', body))
    )
    assert "corner (yours)" in body


def test_texts_of_each_variant() -> None:
    """The gallery offers the variants that there are, and shows the texts of the chosen one."""
    variants = ({"name": "a"}, {"name": "b", "texts": {"en": {"title": "Theirs"}}})
    assert "variant" not in get("/")[1]
    body = get("/?variant=b", variants=variants)[1]
    assert "<option selected>b</option>" in body
    assert body.count("&amp;variant=b") == 2 * len(list(cases(MODES)))
    page = get("/page?variant=b", variants=variants)[1]
    (texts,) = re.findall(r"texts\?[^\"'`]*", page)
    assert "y=b" in texts
    found = json.loads(get("/" + texts.replace("&amp;", "&"), variants=variants)[1])
    assert found["text"]["title"] == "Theirs"
    status, refusal = get("/page?variant=c", variants=variants)
    assert (status, refusal) == ("400 Bad Request", "variant is 'c'; allowed are a, b")


def test_message_where_ads_do_not_arrive_is_shown_to_who_has_it() -> None:
    """The case exists if the option is on, and is shown as unreachable."""
    assert "away" not in modes(Config(secret=SECRET))
    config = {"unreachable_notice": True}
    assert 'id="away"' in get("/", **config)[1]
    page = get("/page?mode=away", **config)[1]
    assert 'state: "unreachable"' in page
    assert "s=1" in page


def test_sample_page_speaks_its_language_in_its_direction() -> None:
    """A page has the direction of its case, and a language with that direction."""
    assert (
        '<html lang="he" dir="rtl" class="dark phone">'
        in get("/page?mode=modal&theme=dark&dir=rtl&width=phone")[1]
    )
    assert '<html lang="de" dir="ltr"' in get("/page?mode=modal", locale="de-AT")[1]
    assert '<html lang="ar" dir="rtl"' in get("/page?dir=rtl", locale="ar")[1]


def test_texts_are_the_owners_with_the_theme_of_the_case() -> None:
    """The notice has the owner's texts and colours, in the requested theme."""
    options: dict[str, Any] = {
        "look": {"theme": "light", "accent": "#b00020"},
        "texts": {"en": {"title": "Hello"}},
    }
    made = json.loads(get("/texts?theme=dark&width=phone&m=top-bar&l=en", **options)[1])
    assert made["text"]["title"] == "Hello"
    assert made["look"]["color-scheme"] == "dark"
    assert made["look"]["--notice-accent"] == "#b00020"
    assert made["mode"] == "top-bar"
    assert made["guides"][0]["name"] == "AdGuard for Android"


def test_script_is_the_one_that_is_served() -> None:
    """The page runs the notice's real script, with templates if the owner has one."""
    assert get("/notice.js")[1].encode() == script("plus").body
    assert get("/notice.js", template="#mine")[1].encode() == script("own").body
    assert "#mine is used on your pages" in get("/", template="#mine")[1]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/page?mode=wall", "mode is 'wall'; allowed are corner, slot"),
        ("/page?theme=blue", "theme is 'blue'; allowed are light, dark"),
        ("/texts?width=9", "width is '9'; allowed are phone, tablet, desktop"),
        ("/page?place=<b>", "place is '<b>'; allowed are 300x250"),
    ],
)
def test_query_that_is_not_known_is_told_what_is(path: str, said: str) -> None:
    """A wrong value is answered with the allowed ones, as plain text."""
    status, body = get(path)
    assert status == "400 Bad Request"
    assert said in body


def test_other_paths_are_not_found() -> None:
    """Other addresses are a 404."""
    assert get("/favicon.ico")[0] == "404 Not Found"


def test_gallery_is_served_on_loopback() -> None:
    """A real server answers on a free loopback port."""
    with running(Gallery(Config(secret=SECRET))) as url:
        assert url.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(f"{url}/page") as reply:
            assert b"The Sample" in reply.read()


def test_command_refuses_what_it_cannot_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The errors for a bad option file, host and folder name the option, with status 2."""
    bad = tmp_path / "site.toml"
    bad.write_text('notice = "wall"\n', "utf-8")
    file = tmp_path / "file"
    file.touch()
    for arguments, said in (
        (["--file", str(bad)], "allowed are slot, corner"),
        (["--host", "192.0.2.1"], "--host 192.0.2.1 is not an address of this machine"),
        (["--save", str(file / "x")], "--save: "),
        (["--sheet", str(file / "x.png")], "--sheet: "),
    ):
        assert main(["notice", "preview", *arguments]) == 2
        assert said in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["notice", "preview", "--port", "70000"])
    assert "is not a port" in capsys.readouterr().err


def test_pictures_without_playwright_name_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without the extra the command says how to install it."""
    monkeypatch.setitem(sys.modules, "playwright.sync_api", None)
    assert main(["notice", "preview", "--save", str(tmp_path)]) == 2
    assert "pip install 'adblock-detector[qa]'" in capsys.readouterr().err


def test_pictures_without_chromium_name_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without the browser the command says how to install it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("detector.testing.browsers.glob.glob", lambda _: [])
    assert main(["notice", "preview", "--save", str(tmp_path)]) == 2
    assert "apt-get install chromium" in capsys.readouterr().err
