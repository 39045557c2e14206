"""Testing under real ad blockers in real browsers: a closed internet, browsers, blockers.

    from detector.testing import AdBlocker, nobody_is_accused

Nothing of this is imported when a page is served; it needs the extra `adblock-detector[qa]`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from detector.testing.blockers.assertions import AdBlocker, nobody_is_accused

__all__ = ["AdBlocker", "nobody_is_accused"]


def __getattr__(name: str) -> Any:
    # The pytest plugin is loaded in every run of pytest, and with it this file.
    if name in __all__:
        from detector.testing.blockers import assertions

        return getattr(assertions, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *__all__]
