"""Tests of detector.core.html.preload: writing and reading the address of the preload script."""

from __future__ import annotations

from itertools import product
from typing import Any
from urllib.parse import urlsplit

import pytest

from detector.core.config.loading import make_config
from detector.core.html.preload import Preload
from detector.core.served_names import ServedNames
from detector.core.site import Site
from detector.doctor.document import Page
from detector.doctor.web import Answer
from tests.conftest import SECRET

URL = "https://news.example/"
EVERY: list[dict[str, Any]] = [
    dict(zip(("reuse_minutes", "single_page", "gpc", "consent"), values, strict=True))
    for values in product((0, 5, 60), (False, True), ("stats", "local"), ("", "page", "tcf"))
]


@pytest.mark.parametrize("lasting", [False, True])
def test_doctor_finds_every_tag(lasting: bool) -> None:
    """Whatever options make the preload address, the doctor finds the tag and its detect.js."""
    for options in EVERY:
        site = Site(make_config(secret=SECRET, **options))
        file = site.tagger.file(lasting)
        src = f"/{site.names.prefix}/{file}"
        body = f'<html><head><script async src="{src}" data-x="t"></script>'.encode()
        tags = Page(URL, Answer(URL, 200, [("Content-Type", "text/html")], body)).tags
        assert [tag.url for tag in tags] == [f"https://news.example{src}"], options
        assert site.names.script_of(f"{tags[0].detect}.js") == "detect", options
        preloads = bool(options["reuse_minutes"] or options["single_page"] or options["consent"])
        assert (site.names.script_of(f"{tags[0].file}.js") == "preload") is preloads, options
        site.close()


@pytest.mark.parametrize("minutes", [0, 1, 60])
@pytest.mark.parametrize("single_page", [False, True])
@pytest.mark.parametrize("signals", [False, True])
@pytest.mark.parametrize("consent", ["", "page", "tcf"])
@pytest.mark.parametrize("entry", ["", ServedNames(SECRET).storage_key])
def test_query_is_read_as_written(
    minutes: int, single_page: bool, signals: bool, consent: str, entry: str
) -> None:
    """Reading a query returns what was written into it."""
    written = Preload(
        ServedNames(SECRET).script("detect", "b" * 8)[:-3], minutes, single_page, signals
    )
    written = written._replace(consent=consent, entry=entry)
    assert Preload.read(str(written)) == written
    assert urlsplit(f"/preload.js?{written}").query == str(written)


@pytest.mark.parametrize(
    "query",
    [
        *("", "v=2", "{}", "{}.5", "{}.5.4", "{}.5.x", "{}.-1.0", "{}.5.1.", "{}.5.1.others"),
        *(
            "{}.5-.1",
            "{}.5-entry.1",
            "{}.5.1.page.more",
            "x{}.5.1",
            "{}.٣.1",
            "{}.5.1\n",
            "{}.1000.1",
            "{}." + "9" * 5000,
        ),
    ],
)
def test_other_queries_are_none_of_ours(query: str) -> None:
    """A query that no options produce is rejected."""
    file: Any = ServedNames(SECRET).script("detect", "b" * 8)[:-3]
    assert Preload.read(query.format(file)) is None
