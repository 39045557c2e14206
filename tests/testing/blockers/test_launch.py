"""What a browser is started with: the kit's own settings, and what the user has beside them."""

from __future__ import annotations

from typing import Any

from detector.testing.blockers import Options
from detector.testing.blockers.chromium import launched


def settings(launch: dict[str, Any], *more: str, **ours: Any) -> dict[str, Any]:
    """Return what Playwright's launch is given, for a program that is named."""
    given = {"executable_path": "/opt/chromium", **launch}
    return launched(Options(hide_automation=False, launch=given), *more, **ours)


def test_switches_are_added() -> None:
    """Switches, and defaults to leave out, come behind the kit's own."""
    found = settings(
        {"args": ["--mine"], "ignore_default_args": ["--theirs"]},
        "--ours",
        ignore_default_args=["--disable-extensions"],
    )
    assert found["args"][-2:] == ["--ours", "--mine"]
    assert found["ignore_default_args"] == ["--disable-extensions", "--theirs"]


def test_anything_else_stands_in_the_place_of_ours() -> None:
    """A program, a proxy or a slow motion of the user's own counts, and the kit's own does not."""
    proxy = {"server": "http://127.0.0.1:3128"}
    found = settings({"proxy": proxy, "slow_mo": 5}, proxy=None)
    assert found["proxy"] == proxy
    assert (found["executable_path"], found["slow_mo"]) == ("/opt/chromium", 5)
    assert settings({})["proxy"] is None
