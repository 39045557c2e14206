"""Errors around the WSGI middleware: the app's are passed on, the detector's reach no page."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest

from detector.core.html.injector import Injector
from detector.core.served_names import ServedNames
from detector.core.site import Site
from detector.core.tagger import Tagger
from detector.wsgi import DetectorMiddleware
from tests.support.calls import call_wsgi as call
from tests.wsgi.conftest import HTML, PAGE, page


def test_error_of_the_app_stays_its_own(site: Site) -> None:
    """The app's exceptions, at once or midway, reach the server unchanged."""

    def early(environ: Any, start: Any) -> Iterable[bytes]:
        raise KeyError("early")

    def late(environ: Any, start: Any) -> Iterator[bytes]:
        start("200 OK", [HTML])
        yield b"<!doctype html><html>"
        raise KeyError("late")

    for app, message in ((early, "early"), (late, "late")):
        with pytest.raises(KeyError, match=message):
            call(DetectorMiddleware(app, site=site))


def test_error_page_replaces_a_held_start(site: Site) -> None:
    """An app may replace its response with exc_info before any byte is sent."""

    def app(environ: Any, start: Any) -> Iterable[bytes]:
        start("200 OK", [HTML])
        try:
            raise ValueError("no")
        except ValueError as error:
            info = (ValueError, error, error.__traceback__)
            start("500 Oh", [("Content-Type", "text/plain")], info)
        return [b"sorry"]

    result = call(DetectorMiddleware(app, site=site))
    assert (result.status, result.body) == ("500 Oh", b"sorry")


def test_body_is_closed_once(site: Site) -> None:
    """The app's iterable is closed once, also after an early disconnect."""

    class Body:
        closed = 0

        def __iter__(self) -> Iterator[bytes]:
            return iter([PAGE, b"more"])

        def close(self) -> None:
            self.closed += 1

    body = Body()
    call(DetectorMiddleware(page(body), site=site))
    assert body.closed == 1
    early = Body()
    env: dict[str, Any] = {}
    setup_testing_defaults(env)
    chunks = DetectorMiddleware(page(early), site=site)(env, lambda *a: lambda b: None)
    next(iter(chunks))
    chunks.close()  # type: ignore[attr-defined]
    assert early.closed == 1


def test_our_errors_never_reach_the_page(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """After an error the original page is sent, with one log line; ten errors stop tagging."""

    def broken(self: Injector, chunk: bytes) -> bytes:
        self._held = bytearray(chunk)
        raise RuntimeError("ours")

    monkeypatch.setattr(Injector, "feed", broken)
    middleware = DetectorMiddleware(page((PAGE[:30], PAGE[30:])), site=site)
    with caplog.at_level(logging.ERROR, "detector"):
        for _ in range(12):
            assert call(middleware).body == PAGE
    messages = [record.message for record in caplog.records]
    assert len([m for m in messages if "kept from the page" in m]) == 1
    assert len([m for m in messages if "left alone" in m]) == 1
    monkeypatch.undo()
    assert call(middleware).body == PAGE
    counted = site.counters.snapshot()
    assert sum(n for key, n in counted.items() if key[5] == "error" and key[2] == "all") == 10


def test_error_while_looking_at_a_response(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """After an error before the first byte the original page is sent too."""
    monkeypatch.setattr(Tagger, "injector", lambda *a, **k: 1 / 0)
    assert call(DetectorMiddleware(page(), site=site)).body == PAGE


def test_error_in_our_urls_falls_to_the_app(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """After an error at one of the detector's URLs the app answers; pages keep the tag."""
    middleware = DetectorMiddleware(page(), site=site)
    monkeypatch.setattr(ServedNames, "script_of", lambda *a: 1 / 0)
    for _ in range(12):
        assert call(middleware, path=f"/{site.names.prefix}/x").status == "200 OK"
    assert not site.circuit_breaker.is_open()
