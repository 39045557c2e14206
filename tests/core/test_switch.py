"""Switching the tag off and on while a site runs."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from detector.core.endpoints import Endpoints
from detector.core.html.headers import by_name
from detector.core.request import Request
from detector.core.site import Site
from detector.core.switch import Switch
from tests.conftest import FIREFOX, Clock

HTML = [("Content-Type", "text/html")]


def tags(site: Site) -> bool:
    """Whether a page would be tagged now; the template's tag must agree."""
    assert bool(site.tagger.tag()) == site.switch.is_on()
    return (
        site.tagger.injector(Request("GET", headers={"user-agent": FIREFOX}), 200, by_name(HTML))
        is not None
    )


def test_file(tmp_path: Path, clock: Clock) -> None:
    """While the file exists tagging is off, within a second at the latest."""
    file = tmp_path / "off"
    switch = Switch(True, str(file), clock)
    assert switch.is_on()
    file.touch()
    clock.now += 1
    assert not switch.is_on()
    file.unlink()
    clock.now += 1
    assert switch.is_on()


def test_file_is_looked_at_once_a_second(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is checked at most once a second; without the option, never."""
    asked: list[str] = []

    def look(path: str) -> bool:
        asked.append(path)
        return False

    monkeypatch.setattr(os.path, "lexists", look)
    switch = Switch(True, str(tmp_path / "off"), clock)
    for _ in range(10):
        assert switch.is_on()
    assert len(asked) == 1
    clock.now += 1
    assert switch.is_on() and len(asked) == 2
    assert Switch(True, "", clock).is_on() and len(asked) == 2


def test_pause_and_resume(make_site: Callable[..., Site]) -> None:
    """A paused site tags nothing, and does so again when resumed."""
    site = make_site()
    assert tags(site)
    site.pause()
    assert not tags(site)
    site.resume()
    assert tags(site)


def test_resume_does_not_overrule(make_site: Callable[..., Site], tmp_path: Path) -> None:
    """`resume` undoes only `pause`, not the option or the file."""
    file = tmp_path / "off"
    file.touch()
    for site in (make_site(enabled=False), make_site(switch_file=str(file))):
        site.pause()
        site.resume()
        assert not tags(site)


def test_our_urls_answer(make_site: Callable[..., Site], tmp_path: Path) -> None:
    """Pages sent earlier still get their responses."""
    file = tmp_path / "off"
    file.touch()
    paused = make_site()
    paused.pause()
    for site in (paused, make_site(enabled=False), make_site(switch_file=str(file))):
        name = site.names.script("detect", "b" * 8)
        path = f"/{site.names.prefix}/{name}"
        view = "v=" + "1" * 20
        endpoints, headers = Endpoints(site), {"user-agent": FIREFOX}
        found = endpoints.respond(Request("GET", path, "", headers))
        assert found is not None and found.status == 200
        control = endpoints.respond(Request("GET", path + "on", view, headers))
        assert control is not None and b'"b":' in control.body
