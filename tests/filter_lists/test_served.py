"""The default lists of blockers match nothing that the detector serves, except baits."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from detector.core.assets import script
from detector.core.baits import pool
from detector.core.baits.site_baits import Baits
from detector.core.served_names import ServedNames
from detector.filter_lists.engine import ListError, Lists
from tests.conftest import SECRET
from tests.support.lists import debian

PAGE = "https://news.example/article/1"
TOKEN = "01234567890123456789.aOd4AA.h3oYIjhNsPamJ88kzR0sbyRf6I2K65RKLPFVOOGwCVg"
TYPES = ("script", "image", "fetch", "ping", "stylesheet", "other")


@cache
def lists() -> Lists:
    """Compile the default lists once."""
    return Lists(debian())


def served(secret: str) -> list[tuple[str, str]]:
    """Return every URL of a site that is not a bait, with its request type."""
    names = ServedNames(secret)
    site = Baits(names, pool.load())
    file = names.script("detect", script("detect").content_hash)
    urls = [
        (file, "script"),
        (f"{file[:-2]}json?v=01234567890123456789&p=/article/*.{TOKEN}", "fetch"),
        (names.script("followup", script("followup").content_hash), "script"),
        (names.script("notice", script("notice").content_hash), "script"),
        (names.texts, "fetch"),
        (names.report, "ping"),
        (names.report, "fetch"),
    ]
    for day in range(20):
        for _, control in site.choose(day).requests:
            urls.append((control.path + TOKEN, control.type))
    return [(f"https://news.example/{names.prefix}/{url}", kind) for url, kind in urls]


def test_no_served_url_is_hit() -> None:
    """Over 1,000 secrets no list matches a URL of the detector, in its request type."""
    engine = lists()
    hit = [
        (url, kind)
        for n in range(1000)
        for url, kind in served(f"a secret for the sweep {n:09}")
        if engine.hits(url, PAGE, kind)
    ]
    assert hit == []


@pytest.mark.parametrize("kind", TYPES)
def test_no_served_url_is_hit_in_any_type(kind: str) -> None:
    """No list matches in any other request type either."""
    assert [url for url, _ in served(SECRET) if lists().hits(url, PAGE, kind)] == []


def test_every_request_bait_is_hit() -> None:
    """Every bait of the pool is blocked in its type."""
    engine = lists()
    names = ServedNames(SECRET)
    site = Baits(names, pool.load())
    missed = set()
    for day in range(200):
        for again in (False, True):
            for bait, _ in site.choose(day, again).requests:
                mark = "" if bait.path.endswith(("?", "=")) else "?"
                url = f"https://news.example/{names.prefix}/{bait.path}{mark}{TOKEN}"
                if not engine.hits(url, PAGE, bait.type):
                    missed.add(bait.path)
    assert missed == set()


def test_every_element_bait_is_hidden() -> None:
    """Every element bait of the pool is hidden by a generic rule."""
    elements = pool.load().elements
    hidden = set(lists().hides(classes=elements))
    assert {name for name in elements if f".{name}" not in hidden} == set()


def test_no_other_name_of_ours_is_hidden() -> None:
    """No rule hides a class, id or part of the notice, or a class of a control."""
    body = script("notice").body.decode()
    words = set(re.findall(r"[A-Za-z][\w-]{1,40}", body))
    words |= {
        Baits(ServedNames(f"secret {n:012}"), pool.load()).choose(0).plain for n in range(1000)
    }
    assert lists().hides(classes=words, ids=words) == []


def test_list_that_cannot_be_read(tmp_path: Path) -> None:
    """A list that is missing or not text is named."""
    with pytest.raises(ListError, match=r"gone\.txt: cannot be read"):
        Lists([tmp_path / "gone.txt"])
    (tmp_path / "picture.txt").write_bytes(b"\x89PNG\xff")
    with pytest.raises(ListError, match=r"picture\.txt: line 1 is not UTF-8"):
        Lists([tmp_path / "picture.txt"])
