"""The endpoint of the notice's texts."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest

from detector.core.assets import script
from detector.core.notice.payload import PayloadCache
from detector.core.site import Site
from tests.conftest import FIREFOX
from tests.core.endpoints.conftest import Visit


def texts_of(visit: Visit, query: str = "") -> dict[str, Any]:
    """Request the notice's texts."""
    data: dict[str, Any] = json.loads(visit.get(visit.site.names.texts, query).body)
    return data


@pytest.mark.parametrize(
    ("query", "accepted", "lang"),
    [
        ("l=de-AT", "fr", "de"),
        ("l=", "fr-CA,fr;q=0.8", "fr"),
        ("", "xx, ko;q=0.5", "ko"),
        ("l=sr-Latn", "", "pt-PT"),
        ("l=zh-TW&l=de", "", "zh-Hant"),
        ("l=%00%ff", "", "pt-PT"),
        ("&".join(["l=de"] * 9), "ja", "ja"),
        ("l=" + "x" * 9000, "*" * 9000, "pt-PT"),
    ],
)
def test_texts_speak_the_pages_language(
    make_site: Callable[..., Site], query: str, accepted: str, lang: str
) -> None:
    """`lang` of the page comes first, then Accept-Language, then the option; others are ignored."""
    visit = Visit(make_site(locale="pt-PT"), **{"accept-language": accepted})
    assert texts_of(visit, query)["lang"] == lang


def test_texts_are_the_sites_own(make_site: Callable[..., Site]) -> None:
    """Preset, own texts and mode come from the site's options."""
    site = make_site(preset="warm", texts={"de": {"title": "<i>Grüezi</i>"}}, notice="modal")
    german = texts_of(Visit(site), "l=de")
    assert (german["mode"], german["text"]["title"]) == ("modal", "<i>Grüezi</i>")
    assert german["text"]["body"].startswith("Werbung bezahlt die Arbeit")
    assert texts_of(Visit(site), "l=en")["text"]["title"] == "May we ask you a favour?"


def test_texts_are_kept_by_nobody(visit: Visit) -> None:
    """They depend on the visitor's headers, so no cache may keep them; gzip is sent if accepted."""
    plain = visit.get(visit.site.names.texts, "l=ar")
    assert ("Cache-Control", "private, no-store") in plain.headers
    assert ("Content-Type", "application/json") in plain.headers
    packed = Visit(visit.site, **{"accept-encoding": "gzip"}).get(visit.site.names.texts, "l=ar")
    assert gzip.decompress(packed.body) == plain.body
    assert packed.body[4:8] == bytes(4), "gzip's time: processes would send different bytes"
    assert dict(packed.headers)["Content-Encoding"] == "gzip"
    assert dict(packed.headers)["Content-Length"] == str(len(packed.body))
    assert dict(packed.headers)["Vary"] == "Accept-Encoding"
    # Letters are sent unescaped: escapes would double their size.
    assert "إغلاق".encode() in plain.body
    short = json.dumps(json.loads(plain.body), ensure_ascii=False, separators=(",", ":"))
    assert plain.body == short.encode()


PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148"


@pytest.mark.parametrize(
    ("agent", "first"), [(FIREFOX, "uBlock Origin"), (PHONE, "AdGuard for iPhone and iPad")]
)
def test_texts_are_for_the_browser(site: Site, agent: str, first: str) -> None:
    """The guides are those for the browser and device that request them."""
    assert texts_of(Visit(site, user_agent=agent))["guides"][0]["name"] == first


def test_strangers_fill_no_memory(site: Site) -> None:
    """What is not known is answered like nothing at all, from the same memory."""
    cache = PayloadCache(site.config)
    nothing = cache.find("", {}, site.names)
    for query in ("m=throne", "i=robot", "y=gone", "l=tlh", "m=&i=&y=", "x=1"):
        assert cache.find(query, {}, site.names) is nothing


def test_a_redirect_has_its_address(make_site: Callable[..., Site]) -> None:
    """In place of texts the mode redirect gets its script and address; other modes have texts."""
    visit = Visit(make_site(redirect_url="/why"))
    found = texts_of(visit, "m=redirect&l=de")
    src = visit.site.names.script("redirect", script("redirect").content_hash)
    assert found == {"mode": "redirect", "src": src, "to": "/why"}
    assert visit.get(src).body == script("redirect").body
    assert texts_of(visit, "m=modal")["text"]
    assert texts_of(Visit(make_site()), "m=redirect")["text"]
