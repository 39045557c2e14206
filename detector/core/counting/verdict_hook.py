"""The owner's own function, called on the server for each verdict that counts."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from detector.core.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Verdict:
    """The owner's function's argument: what is counted, and nothing about the visitor."""

    site: str
    state: str
    """blocked, unreachable, clear, unknown or partial."""
    kind: str | None
    """extension, browser or network; None where nothing blocks or the kind is not known."""
    group: str
    """The route of the page."""
    browser: str
    device: str


Hook = Callable[[Verdict], object]


class VerdictHook:
    """Calls the function that the option names; its exceptions go to `caught` and no further.

    ConfigError where there is no such function.
    """

    def __init__(self, given: Hook | str, site: str, caught: Callable[..., None]) -> None:
        try:
            self._hook = found(given)
        except ValueError as error:
            raise ConfigError(f"DETECTOR_ON_VERDICT {error}") from None
        self._site = site
        self._caught = caught

    def __call__(self, state: str, kind: str, *, group: str, browser: str, device: str) -> None:
        """Call the function with one verdict."""
        acting = None if kind == "none" else kind
        try:
            self._hook(Verdict(self._site, state, acting, group, browser, device))
        except Exception:
            self._caught("the function of on_verdict", in_page=False)


def check(given: Any) -> None:
    """Raise ValueError for a value that cannot name a function."""
    if callable(given):
        return
    module, _, name = given.partition(":") if isinstance(given, str) else ("", "", "")
    if not module or not name:
        raise ValueError(
            f"is {given!r}; allowed are a function, or its name as package.module:function"
        )


def found(given: Hook | str) -> Hook:
    """Return the function that the option names; ValueError where there is none."""
    check(given)
    if not isinstance(given, str):
        return given
    module, _, name = given.partition(":")
    try:
        target: Any = importlib.import_module(module)
        for part in name.split("."):
            target = getattr(target, part)
    except (ImportError, AttributeError) as error:
        raise ValueError(f"is {given!r}, which cannot be imported: {error}") from error
    if not callable(target):
        raise ValueError(f"is {given!r}, which is not a function but {type(target).__name__}")
    hook: Hook = target
    return hook
