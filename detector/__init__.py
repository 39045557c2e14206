"""Find page views whose ads are blocked, and ask politely; imports no framework."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from detector.core.config.options import Config
    from detector.core.counting.verdict_hook import Verdict
    from detector.core.errors import ConfigError

__all__ = ["Config", "ConfigError", "Verdict", "__version__"]
__version__ = "0.1.0"

_MODULES = {
    "Config": "detector.core.config.options",
    "ConfigError": "detector.core.errors",
    "Verdict": "detector.core.counting.verdict_hook",
}


def __getattr__(name: str) -> Any:
    # Every import of a module below runs this file: it must import none of them itself.
    if name in _MODULES:
        from importlib import import_module

        return getattr(import_module(_MODULES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *_MODULES]
