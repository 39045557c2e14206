"""Clear Skies: a small paper for people who look up, with a page that streams, and the detector."""

from __future__ import annotations

import tomllib
from collections.abc import AsyncIterator
from pathlib import Path

from quart import Quart, render_template, request, stream_template

from detector.asgi import DetectorMiddleware

NIGHT = tomllib.loads((Path(__file__).parent / "night.toml").read_text("utf-8"))

app = Quart(__name__)


@app.get("/")
async def home() -> str:
    """Show the front page."""
    return await render_template("home.html", night=NIGHT)


@app.get("/tonight")
async def tonight() -> AsyncIterator[str]:
    """Show the night hour by hour, as a stream."""

    async def hours() -> AsyncIterator[dict[str, str]]:
        for hour in NIGHT["hours"]:
            yield hour

    return await stream_template("tonight.html", hours=hours())


@app.before_request
async def keep_route() -> None:
    """Save the route for the counts: Quart removes it before the page is sent."""
    request.scope["route_rule"] = str(request.url_rule or "")


# The secret comes from DETECTOR_SECRET, which start sets.
app.asgi_app = DetectorMiddleware(app.asgi_app, group=lambda scope: scope.get("route_rule", ""))
