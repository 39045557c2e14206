"""Plot & Spade: a small paper of an allotment society, with the detector."""

from __future__ import annotations

import tomllib
from pathlib import Path

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates

from detector.asgi import DetectorMiddleware

HERE = Path(__file__).parent
NOTES = tomllib.loads((HERE / "notes.toml").read_text("utf-8"))

app = FastAPI()
app.add_middleware(DetectorMiddleware)  # its secret comes from DETECTOR_SECRET, which start sets
app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
templates = Jinja2Templates(HERE / "templates")


@app.get("/")
async def home(request: Request) -> Response:
    """Show all notes, the newest first."""
    return templates.TemplateResponse(request, "home.html", {"notes": NOTES})


@app.get("/notes/{slug}")
async def note(request: Request, slug: str) -> Response:
    """Show one note."""
    if slug not in NOTES:
        raise HTTPException(404, "There is no such note.")
    return templates.TemplateResponse(request, "note.html", {"note": NOTES[slug]})


@app.get("/api/notes")
async def titles() -> list[str]:
    """Return the titles as data, which the detector does not change."""
    return [note["title"] for note in NOTES.values()]
