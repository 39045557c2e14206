"""Every example in a browser: its pages are clear, and the console stays empty."""

from __future__ import annotations

from pathlib import Path

import pytest

from detector.testing.fixtures import OpenPage
from detector.testing.internet import Internet
from e2e.support.newspaper import verdict_of, watch_console
from tests.support.examples import Example
from tests.support.serving import stats

# The examples are for the local machine: Django's accepts no other host.
HOST = "localhost"
SECOND = {
    "flask": "/stories/lens",
    "fastapi": "/notes/seeds",
    "django": "/stops/old-mill/",
    "quart": "/tonight",
    "wsgi": "/crossing",
}


@pytest.mark.parametrize("name", SECOND)
def test_example_in_a_browser(
    name: str, tmp_path: Path, open_page: OpenPage, net: Internet
) -> None:
    """Without a blocker both pages are clear, log nothing to the console, and are counted."""
    with Example(name, tmp_path, DETECTOR_TREAT_BOTS_AS_PEOPLE="1") as example:
        net.forward(HOST, "127.0.0.1", example.port)
        page = open_page("none")
        messages = watch_console(page)
        for path in ("/", SECOND[name]):
            page.goto(f"https://{HOST}{path}")
            found = verdict_of(page)
            assert (found["state"], found["kind"]) == ("clear", None), path
            # Ads that are still loading are not awaited: their signal may be unknown.
            assert found["signals"]["requests"] == found["signals"]["elements"] == "clear", path
    counted = stats(tmp_path / "detector.sqlite")
    assert (counted["views"], counted["refused"]) == (2, {})
    assert messages == []
