"""The WSGI app of `detector serve`: finds the site of a request, and lets it answer."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from threading import Condition
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from detector.core.reports.recent_views import RecentViews
from detector.core.served_names import is_foreign
from detector.core.site import Site
from detector.serve.sites import ServedSite
from detector.wsgi import DetectorMiddleware

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger("detector")
HEALTH = "/healthz"
_PATIENCE = 30.0
_LOST = "no such file"
_WRONG_HOST = (
    "this site is not served under the requested host: add it to hosts, "
    "and let the proxy pass the Host header on"
)


class _Entry:
    """One site while it is served, and how many requests it is answering."""

    def __init__(self, served: ServedSite, before: _Entry | None) -> None:
        self.served = served
        views: RecentViews | None = before.site.recent_views if before else None
        self.site: Site = Site(served.config, name=served.name, pasted=True, views=views)
        self.app: WSGIApplication = DetectorMiddleware(_nothing, site=self.site)
        self.users = 0
        self.warned = False


class App:
    """Serves several sites; `reload` changes them while requests are answered."""

    def __init__(self, sites: Mapping[str, ServedSite]) -> None:
        self._changed = Condition()
        self._entries: dict[str, _Entry] = {}
        self._by_prefix: dict[str, _Entry] = {}
        self._mounts: tuple[str, ...] = ()
        self._warned = False
        self.reload(sites)

    def reload(self, sites: Mapping[str, ServedSite]) -> None:
        """Serve these sites from now on; an unchanged one keeps running as it is."""
        old = self._entries
        entries = {
            name: old[name]
            if name in old and old[name].served == served
            else _Entry(served, old.get(name))
            for name, served in sites.items()
        }
        by_prefix = {p: entry for entry in entries.values() for p in entry.site.baits}
        gone = [entry for name, entry in old.items() if entries.get(name) is not entry]
        with self._changed:
            self._entries, self._by_prefix = entries, by_prefix
            self._mounts = ("", *sorted({served.mount for served in sites.values()} - {""}))
            # Counts of a request in progress must not arrive after the last write.
            self._changed.wait_for(lambda: not any(e.users for e in gone), _PATIENCE)
        for entry in gone:
            entry.site.close()

    @property
    def names(self) -> list[str]:
        """Return the names of the sites."""
        return list(self._entries)

    def close(self) -> None:
        """Write the counts of all sites; later requests get a 404."""
        self.reload({})

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        path = environ.get("PATH_INFO", "")
        if path == HEALTH:
            return _plain(start_response, "200 OK", "ok")
        entry, mount = self._enter(path)
        if entry is None:
            self._note_lost(path)
            return _plain(start_response, "404 Not Found", _LOST)
        try:
            if _host_name(environ.get("HTTP_HOST", "")) not in entry.served.hosts:
                return _plain(start_response, "404 Not Found", _WRONG_HOST)
            _note_cross(entry, environ)
            inner = _judged(entry.served, environ)
            inner["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + mount
            inner["PATH_INFO"] = path[len(mount) :]
            return list(entry.app(inner, start_response))
        finally:
            with self._changed:
                entry.users -= 1
                self._changed.notify_all()

    def _enter(self, path: str) -> tuple[_Entry | None, str]:
        """Find the site by our prefix in the path, with its mount or behind a proxy that cut it."""
        with self._changed:
            for mount in self._mounts:
                if not path.startswith(mount + "/"):
                    continue
                entry = self._by_prefix.get(path[len(mount) + 1 :].partition("/")[0])
                if entry and mount in ("", entry.served.mount):
                    entry.users += 1
                    return entry, mount
        return None, ""

    def _note_lost(self, path: str) -> None:
        if not self._warned and is_foreign(path):
            self._warned = True
            log.warning(
                "a request for a name that belongs to no site's secret was received: print the tag "
                "again, or add the old secret to previous_secrets"
            )


def _judged(served: ServedSite, environ: WSGIEnvironment) -> WSGIEnvironment:
    """Return the environ with Origin checked against the site's own, instead of against Host.

    A proxy may pass on a Host without the port that the visitor's browser has.
    """
    inner = dict(environ)
    origin = environ.get("HTTP_ORIGIN")
    if origin is None:
        return inner
    if served.origins is None:
        good = _host_name(origin.partition("://")[2]) in served.hosts
    else:
        good = origin in served.origins
    if good:
        inner["HTTP_HOST"] = origin.partition("://")[2]
    else:
        inner["HTTP_SEC_FETCH_SITE"] = "cross-site"
    return inner


def _note_cross(entry: _Entry, environ: WSGIEnvironment) -> None:
    """Log once that a page of another host loads the script, which can measure nothing there."""
    cross = environ.get("HTTP_SEC_FETCH_SITE") in ("cross-site", "same-site")
    if cross and not entry.warned and environ.get("HTTP_SEC_FETCH_MODE") == "cors":
        entry.warned = True
        log.warning(
            "[sites.%s]: a page of another host loads the script, where its verdict is unknown: "
            "let that host proxy the folder instead (--print-tag shows how)",
            entry.served.name,
        )


def _host_name(value: str) -> str:
    try:
        return (urlsplit("//" + value).hostname or "").rstrip(".")
    except ValueError:
        return ""


def _nothing(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    return _plain(start_response, "404 Not Found", _LOST)


def _plain(start_response: StartResponse, status: str, text: str) -> Iterable[bytes]:
    body = text.encode()
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
    headers += [("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")]
    start_response(status, headers)
    return [body]
