"""The matrix's own code: its rows, its devices and its extensions; bench/matrix/run runs them."""

from __future__ import annotations

import json
import os
import time
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from bench.matrix.conditions import PROBE, PROBE_HOST, probe
from bench.matrix.devices import ANSWERS, BLOCK_PAGE, KEYWORDS, secrets, stop
from bench.matrix.environment import NOT_ACCUSED, Environment, NotRun
from bench.matrix.firefox_extension import Extension, unpacked
from bench.matrix.old_engine import console_text
from bench.matrix.privoxy import ACTIONS
from bench.matrix.rows import BROWSERS, environments
from detector.core.baits import pool
from detector.core.baits.site_baits import Baits
from detector.core.served_names import ServedNames
from detector.testing.internet import Internet
from detector.testing.messages import Answer, Request


@pytest.fixture(scope="module")
def rows() -> list[Environment]:
    """Return every row; it takes seconds, which no run without these tests should pay."""
    return environments()


def test_every_row_has_a_browser_and_a_name_of_its_own(rows: list[Environment]) -> None:
    """A row's browser can be started, and no other row in it has the row's name."""
    assert {row.browser for row in rows} == set(BROWSERS)
    assert max(Counter((row.name, row.browser) for row in rows).values()) == 1


def test_devices_answer_in_five_ways_in_both_engines(rows: list[Environment]) -> None:
    """Every answer of a device is seen in Chromium and in Firefox, and none may accuse anybody."""
    rows = [row for row in rows if row.name.startswith(("keyword ", "privoxy's keyword"))]
    seen = {(row.browser, row.name.partition(": ")[2].partition(",")[0]) for row in rows}
    assert seen >= {(browser, one) for browser in ("chromium", "firefox") for one in ANSWERS}
    assert seen >= {(f"privoxy, {one}", one) for one in ACTIONS}
    assert all(row.wanted == NOT_ACCUSED for row in rows)
    assert not any(state == "blocked" for state, _ in NOT_ACCUSED)


@pytest.mark.parametrize("keyword", KEYWORDS)
def test_devices_stand_before_the_sites_that_they_strike(keyword: str) -> None:
    """The drawn site has a bait of today with the word, so that the row measures something."""
    day = int(time.time() // 86400)
    chosen = Baits(ServedNames(secrets(keyword, 1)[0]), pool.load()).choose(day)
    assert any(keyword in "/" + bait.url for bait, _ in chosen.requests)


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_device_answers_for_every_host(answer: str) -> None:
    """Where the word is, the device answers and the host does not hear of it."""
    heard: list[str] = []

    def host(request: Request) -> Answer:
        heard.append(request.path)
        return probe(request)

    with Internet() as net:
        net.answer(PROBE_HOST, host)
        stop("/ads/", answer, net)
        stopped = net._answer(Request(PROBE_HOST, "GET", "/x/ads/x.txt"))
        passed = net._answer(Request(PROBE_HOST, "GET", "/x/page/x.txt"))
    assert heard == ["/x/page/x.txt"]
    assert passed is not None and passed.body == PROBE
    if answer == "reset":
        assert stopped is None
    else:
        assert stopped is not None and stopped.status == int(answer)
        assert stopped.body in ("", b"", BLOCK_PAGE)


@pytest.mark.parametrize(
    ("event", "text"),
    [
        ({"type": "warning", "args": [{"value": "old"}, {"value": 1}]}, "old 1"),
        ({"exceptionDetails": {"text": "Uncaught", "exception": {"description": "E"}}}, "E"),
        ({"exceptionDetails": {"text": "Uncaught SyntaxError"}}, "Uncaught SyntaxError"),
        ({"entry": {"source": "deprecation", "text": "is deprecated"}}, "is deprecated"),
        ({"entry": {"source": "network", "text": "Failed to load resource"}}, ""),
    ],
)
def test_the_console_is_read(event: dict[str, object], text: str) -> None:
    """Messages, errors and the browser's notes count; a request that failed does not."""
    assert console_text(event) == text


def test_an_extension_is_packed_for_a_profile(tmp_path: Path) -> None:
    """Its files land in the profile under its id, however old they are; its pages have one host."""
    folder = tmp_path / "harmless"
    folder.mkdir()
    manifest = {"version": "1", "applications": {"gecko": {"id": "harmless@example"}}}
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8-sig")
    (folder / "gone.js").symlink_to(tmp_path / "not-installed.js")
    os.utime(folder / "manifest.json", (0, 0))
    found = unpacked(folder)
    found.install(tmp_path)
    with zipfile.ZipFile(tmp_path / "extensions" / "harmless@example.xpi") as file:
        assert file.namelist() == ["manifest.json"]
    assert found.uuid == Extension(folder).uuid
    with pytest.raises(NotRun, match="contains no extension"):
        unpacked(tmp_path)
