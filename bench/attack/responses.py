"""Responses of any kind are unchanged, except for one tag in pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import ClassVar

from bench.attack.adapters import Adapters
from bench.attack.calling import Out
from bench.attack.made import Made, response
from bench.attack.tally import Family
from detector.core.html.headers import Headers, weak
from tests.support.tags import strip, tags

_CHANGED = ("content-length", "etag", "accept-ranges", "last-modified")


class Responses(Family):
    """A third of 66,000 responses, each by three middleware."""

    name = "responses"
    count = 22_000
    properties: ClassVar[Mapping[str, str]] = {
        "bytes": "output minus the tag equals the app's bytes",
        "length": "Content-Length is as right or as wrong as the app's",
        "headers": "status and other headers are the app's; ETag may get weak, ranges may go",
        "once": "a page has at most one tag",
        "ordinary": "an ordinary page has the tag",
        "others": "a response that is not HTML is identical, headers and bytes",
        "errors": "no error of the detector reaches app, page or server; the app's own does",
        "agree": "WSGI, ASGI and Django agree",
    }

    def __init__(self) -> None:
        super().__init__()
        self.adapters = Adapters()
        self.tagged = 0

    def case(self, rng: Random) -> None:
        """Send one response through each middleware that supports it."""
        made = response(rng)
        if made.ordinary and rng.random() < 0.1:
            made = self._pasted(made)
        found: dict[str, tuple[Headers, bytes]] = {}
        for name, send in self.adapters.fitting(made).items():
            out = send(made)
            self._look(name, made, out)
            if not out.error:
                free = [(k, v) for k, v in sorted(out.headers) if k not in _CHANGED]
                found[name] = (free, out.body)
        if found:
            first = next(iter(found.values()))
            agree = all(one == first for one in found.values())
            self.check("agree", agree, f"{made}: {found}")

    def finish(self) -> None:
        """Print how many responses got the tag: a run without any would prove nothing."""
        self.tally.figures["with a tag"] = f"{self.tagged:,}"

    def close(self) -> None:
        """Close the sites."""
        self.adapters.close()

    def _pasted(self, made: Made) -> Made:
        """Insert the tag into the head, as an owner may do by hand."""
        head, tag = b"<head>", self.adapters.sites[0].tagger.tag()
        page = made.body.replace(head, head + tag, 1)
        headers = [("Content-Type", "text/html"), ("Content-Length", str(len(page)))]
        return replace(made, headers=headers, chunks=(page,), ordinary=False)

    def _look(self, name: str, made: Made, out: Out) -> None:
        detail = f"{name}: {out}, of {made}"
        check = self.check
        caught, self.adapters.caught[:] = list(self.adapters.caught), []
        ours = out.error if out.error != "AppError" or made.fails < 0 else ""
        check("errors", not caught and not ours, f"{caught} {detail}")
        if out.error:
            return
        tag = added(made.body, out.body)
        check("bytes", tag is not None, detail)
        if tag is None:
            return
        self.tagged += bool(tag)
        before, after = (tags(body) for body in (made.body, out.body))
        check("once", after == before or (before, after) == (0, 1), detail)
        if made.ordinary:
            check("ordinary", bool(tag), detail)
        streamed = name == "Django" and len(made.chunks) > 1
        check("length", _length(made, out, streamed), detail)
        wanted = [(k.lower(), v) for k, v in made.headers if k.lower() not in _CHANGED]
        free = [(k, v) for k, v in out.headers if k not in _CHANGED]
        same = out.status == made.status and free == wanted
        check("headers", same and _kept(made, out), detail)
        if not made.of("content-type") or "text/html" not in made.of("content-type")[0].lower():
            identical = out.body == made.body and (
                made.status == 304 or out.headers == [(k.lower(), v) for k, v in made.headers]
            )
            check("others", identical, detail)


def added(body: bytes, out: bytes) -> bytes | None:
    """Return the tag inserted into a body, b"" for none; None if it changed otherwise."""
    if out == body:
        return b""
    size, pairs = len(out) - len(body), enumerate(zip(body, out, strict=False))
    differs = next((at for at, (a, b) in pairs if a != b), len(body))
    # The text after the insertion point may begin as the tag does.
    for at in range(max(0, differs - size), differs + 1):
        tag = out[at : at + size]
        if tags(tag) == 1 and not strip(tag) and body == out[:at] + out[at + size :]:
            return tag
    return None


def _length(made: Made, out: Out, streamed: bool) -> bool:
    """Whether the length matches the body, or is wrong by as much as the app's."""
    given = [value for key, value in out.headers if key == "content-length"]
    wanted = made.of("content-length")
    if not given:  # before the body of a stream, and of HEAD, nothing is known
        return not wanted or streamed or made.method == "HEAD"
    if len(wanted) == len(given) == 1 and wanted[0].strip().isdigit():
        return int(given[0]) - len(out.body) == int(wanted[0]) - len(made.body)
    return given == wanted and len(out.body) == len(made.body)


def _kept(made: Made, out: Out) -> bool:
    """Whether the validators are the app's, possibly weakened, or removed."""
    for name in ("etag", "last-modified", "accept-ranges"):
        allowed = made.of(name)
        if name == "etag":
            allowed = allowed + [weak(value) for value in allowed]
        if not all(value in allowed for key, value in out.headers if key == name):
            return False
    return True
