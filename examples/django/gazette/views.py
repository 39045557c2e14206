"""The views of The Tram Gazette."""

from __future__ import annotations

import tomllib
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

STOPS = tomllib.loads((Path(__file__).parent / "stops.toml").read_text("utf-8"))


def home(request: HttpRequest) -> HttpResponse:
    """Show the line with all its stops."""
    return render(request, "gazette/home.html", {"stops": STOPS})


def stop(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the news from one stop."""
    if slug not in STOPS:
        raise Http404("The tram does not stop there.")
    return render(request, "gazette/stop.html", {"stop": STOPS[slug]})
