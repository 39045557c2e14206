"""Find page views whose ads are blocked, and ask politely; imports no framework."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__all__ = ["Config", "ConfigError", "Verdict", "__version__"]
__version__ = "0.1.0"

_MODULES = {
    "Config": "detector.core.config.options",
    "ConfigError": "detector.core.errors",
    "Verdict": "detector.core.counting.verdict_hook",
}

if TYPE_CHECKING:
    from detector.core.config.options import Config
    from detector.core.counting.verdict_hook import Verdict
    from detector.core.errors import ConfigError
else:  # a type checker would believe in any name

    def __getattr__(name: str) -> Any:
        # Importing any module below runs this file first, so it must import none of them itself.
        if name in _MODULES:
            return getattr(import_module(_MODULES[name]), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
