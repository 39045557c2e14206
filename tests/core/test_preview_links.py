"""Signed links that show the notice or explain a verdict, and the noscript line."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from detector.cli.main import main
from detector.core.assets import script
from detector.core.html import noscript
from detector.core.html.headers import by_name
from detector.core.html.page_info import KnownPage
from detector.core.preview_links import EXPLAIN
from detector.core.request import Request
from detector.core.site import Site
from detector.core.vocabulary import SHOWN_MODES
from tests.conftest import SECRET, Clock
from tests.support.visiting import Visit

MakeSite = Callable[..., Site]
HTML = [("Content-Type", "text/html")]
PAGE = "https://news.example/town?page=2"


def tag_of(site: Site, link: str) -> str:
    """Return the tag of the page that a link opens."""
    made = site.tagger.injector(
        Request("GET"), 200, by_name(HTML), KnownPage(query=urlsplit(link).query)
    )
    assert made is not None
    return made.tag.decode()


def ask(visit: Visit, link: str) -> tuple[int, dict[str, object]]:
    """Send the request of the simulating script."""
    (token,) = parse_qs(urlsplit(link).query)["simulate"]
    answer = visit.get(visit.site.names.script("simulate", "")[:-3] + "bcfghjkm.json", f"z={token}")
    return answer.status, json.loads(answer.body) if answer.status == 200 else {}


@pytest.mark.parametrize("mode", SHOWN_MODES)
def test_a_link_shows_a_mode(site: Site, mode: str) -> None:
    """The page carries the simulating script alone, which gets the mode and the kind."""
    link = site.simulate_link(PAGE, mode, "browser")
    assert link.startswith(PAGE + "&simulate=")
    tag = tag_of(site, link)
    assert tag.count("<script") == 1
    assert site.names.script("simulate", "")[:-3] in tag
    visit = Visit(site)
    assert ask(visit, link) == (200, told(site, mode, "browser"))
    src = re.search(r' data-\w+="[^"]+".* src="([^"]+)"', tag)
    assert src and f' {site.names.attribute}="' in tag
    served = visit.endpoints.respond(Request("GET", src[1], "", visit.headers))
    assert served is not None and served.body == script("simulate").body
    assert served.headers[2] == ("Cache-Control", "public, max-age=31536000, immutable")
    assert site.counters.snapshot() == {}


def told(site: Site, mode: str, kind: str) -> dict[str, object]:
    """Return what the simulating script gets: everything that shows a notice, and counts none."""
    names = site.names
    return {
        **{"m": mode, "i": kind, "n": names.script("own", script("own").content_hash)},
        **{"c": names.texts, "k": f"{names.storage_key}s", "s": site.config.slots},
    }


def test_a_link_of_a_page_without_a_query(site: Site) -> None:
    """The kind is extension if none is named."""
    link = site.simulate_link("http://news.example/town", "modal")
    assert link.startswith("http://news.example/town?simulate=")
    assert ask(Visit(site), link) == (200, told(site, "modal", "extension"))


def test_long_queries(site: Site) -> None:
    """A page's query may have a hundred fields, that of the script eight; more show nothing."""
    link = site.simulate_link(PAGE, "modal").partition("?")[2].partition("&")[2]
    (token,) = parse_qs(link)["simulate"]
    for most, read in (
        (100, lambda query: site.previews.link_in(f"{query}&simulate={token}")),
        (8, lambda query: site.previews.answer(site.names, f"{query}&z={token}")),
    ):
        assert read("&".join(["x=1"] * (most - 1))) is not None
        assert read("&".join(["x=1"] * most)) is None
    assert site.previews.answer(site.names, "") is None
    assert site.previews.link_in("simulate=") is None


def test_a_link_explains_a_verdict(site: Site) -> None:
    """The usual tag is there too, with the flag that this view must not be counted."""
    link = site.simulate_link(PAGE, EXPLAIN)
    tag = tag_of(site, link)
    assert tag.count("<script") == 3
    assert re.search(r'~n9l"', tag)
    assert ask(Visit(site), link) == (200, {"x": 1})


def test_links_end_after_a_week(site: Site, clock: Clock) -> None:
    """The page is unchanged, and the script gets the reason why there is nothing to show."""
    link = site.simulate_link(PAGE, "modal")
    clock.now += 8 * 24 * 3600
    assert tag_of(site, link).count("<script") == 2
    assert ask(Visit(site), link)[0] == 404


def test_forged_links_show_nothing(site: Site, make_site: MakeSite) -> None:
    """Another site's link, a changed one and a token of another purpose are refused."""
    good = site.simulate_link(PAGE, "modal")
    other = make_site(secret="another secret, long enough").simulate_link(PAGE, "modal")
    view = f"{PAGE}&simulate={site.tokens.view('01234567890123456789')}"
    for link in (other, good.replace("modal", "slot"), view, f"{PAGE}&simulate=", good[:-2]):
        assert tag_of(site, link).count("<script") == 2, link


def test_what_cannot_be_shown_is_told(site: Site) -> None:
    """A mode that shows nothing, an unknown kind and an invalid address are refused."""
    known = ", ".join(SHOWN_MODES)
    with pytest.raises(ValueError, match=f"'none' cannot be shown: use one of {known}, explain$"):
        site.simulate_link(PAGE, "none")
    kinds = "extension, browser, network, unsure"
    with pytest.raises(ValueError, match=f"'dns' is not known: use one of {kinds}$"):
        site.simulate_link(PAGE, "modal", "dns")
    for url in ("/town", "ftp://news.example/town", "https:///town"):
        with pytest.raises(ValueError, match=f"'{url}' is not an address: write it as https://"):
            site.simulate_link(url, "modal")


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str], site: Site) -> None:
    """`detector notice link` prints the address; errors name the allowed values."""
    file = tmp_path / "site.toml"
    file.write_text(f'secret = "{SECRET}"\n')
    assert main(["notice", "link", PAGE, "--mode", "top-bar", "--file", str(file)]) == 0
    printed = capsys.readouterr().out.strip()
    assert printed.startswith(PAGE + "&simulate=top-bar")
    assert main(["notice", "link", PAGE, "--mode", "none", "--file", str(file)]) == 2
    assert "mode 'none' cannot be shown" in capsys.readouterr().err
    assert main(["notice", "link", PAGE]) == 2
    assert "SECRET" in capsys.readouterr().err


def test_line_without_scripts_is_opt_in(make_site: MakeSite) -> None:
    """The line is opt-in, and is in the site's own language."""
    assert b"<noscript" not in make_site().tagger.tag()
    tag = make_site(noscript=True, locale="de").tagger.tag(nonce="abc").decode()
    assert tag.endswith('"}</style></noscript>')
    assert '<noscript><style nonce="abc">' in tag
    assert "Werbung bezahlt diese Website" in tag


def test_a_text_cannot_leave_its_quotes() -> None:
    """Any text is escaped."""
    plain = noscript.build("No ads", "")
    assert plain.startswith("<noscript><style>body::before{display:block;")
    assert plain.endswith(';content:"No ads"}</style></noscript>')
    made = noscript.build('"}</style><script>alert(1)</script>\\', "")
    assert made.count("<") == made.count(">") == 4
    assert made.count('"') == 2
