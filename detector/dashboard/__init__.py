"""The owner's web page (extra `[dashboard]`): `app` returns it as a WSGI app, for any mount."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from detector.dashboard.wsgi import app

__all__ = ["app"]


def __getattr__(name: str) -> Any:
    # Jinja2 is imported when the app is needed, not for the command's help.
    if name == "app":
        from detector.dashboard import wsgi

        return wsgi.app
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
