"""The launch options of a browser: the kit's own settings and the user's."""

from __future__ import annotations

from typing import Any

from detector.testing.blockers import Options
from detector.testing.blockers.chromium import launched


def settings(launch: dict[str, Any], *more: str, **ours: Any) -> dict[str, Any]:
    """Return the options for Playwright's launch with a given executable."""
    given = {"executable_path": "/opt/chromium", **launch}
    return launched(Options(hide_automation=False, launch=given), *more, **ours)


def test_switches_are_added() -> None:
    """The user's arguments, and default arguments to ignore, follow the kit's own."""
    found = settings(
        {"args": ["--mine"], "ignore_default_args": ["--theirs"]},
        "--ours",
        ignore_default_args=["--disable-extensions"],
    )
    assert found["args"][-2:] == ["--ours", "--mine"]
    assert found["ignore_default_args"] == ["--disable-extensions", "--theirs"]


def test_anything_else_stands_in_the_place_of_ours() -> None:
    """The user's executable, proxy or slow motion replaces the kit's."""
    proxy = {"server": "http://127.0.0.1:3128"}
    found = settings({"proxy": proxy, "slow_mo": 5}, proxy=None)
    assert found["proxy"] == proxy
    assert (found["executable_path"], found["slow_mo"]) == ("/opt/chromium", 5)
    assert settings({})["proxy"] is None
