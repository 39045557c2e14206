"""Testing under real ad blockers in real browsers: a closed internet, browsers, blockers.

    from detector.testing import AdBlocker, nobody_is_accused

Nothing of this is imported when a page is served; it needs the extra `adblock-detector[qa]`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__all__ = ["AdBlocker", "nobody_is_accused"]

if TYPE_CHECKING:
    from detector.testing.blockers.assertions import AdBlocker, nobody_is_accused
else:  # a type checker would believe in any name

    def __getattr__(name: str) -> Any:
        # Every run of pytest loads the plugin, and this file with it.
        if name in __all__:
            from detector.testing.blockers import assertions

            return getattr(assertions, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
