"""The WSGI app of `detector serve`: finds the site that a request is for, and lets it answer."""

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
    "this site is not served under the host that was asked for: list it in hosts, "
    "and let the proxy pass the Host header on"
)


class _Entry:
    """One site while it is served, and how many requests are in it."""

    def __init__(self, served: ServedSite, before: _Entry | None) -> None:
        self.served = served
        views: RecentViews | None = before.site.recent_views if before else None
        self.site: Site = Site(served.config, name=served.name, pasted=True, views=views)
        self.app: WSGIApplication = DetectorMiddleware(_nothing, site=self.site)
        self.users = 0
        self.warned = False


class App:
    """Serves several sites; `reload` changes them while requests are being answered."""

    def __init__(self, sites: Mapping[str, ServedSite]) -> None:
        self._changed = Condition()
        self._entries: dict[str, _Entry] = {}
        self._by_prefix: dict[str, _Entry] = {}
        self._mounts: tuple[str, ...] = ()
        self._warned = False
        self.reload(sites)

    def reload(self, sites: Mapping[str, ServedSite]) -> None:
        """Take these sites from now on; one that did not change goes on as it is."""
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
            # What a request still counts must not come behind the last write.
            self._changed.wait_for(lambda: not any(e.users for e in gone), _PATIENCE)
        for entry in gone:
            entry.site.close()

    @property
    def names(self) -> list[str]:
        """Return the names of the sites."""
        return list(self._entries)

    def close(self) -> None:
        """Write the counts of all sites; requests that come now find nothing."""
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
                "a request for a name that no site's secret makes came in: print the tag anew, or "
                "list the secret before in previous_secrets"
            )


def _judged(served: ServedSite, environ: WSGIEnvironment) -> WSGIEnvironment:
    """Return the environ in which an Origin has been held against the site's, not against Host.

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
    """Say once that a page of another host uses the script, because it can learn nothing there."""
    cross = environ.get("HTTP_SEC_FETCH_SITE") in ("cross-site", "same-site")
    if cross and not entry.warned and environ.get("HTTP_SEC_FETCH_MODE") == "cors":
        entry.warned = True
        log.warning(
            "[sites.%s]: a page of another host loads the script, where its verdict is unknown: "
            "let that host pass the folder on instead (--print-tag says how)",
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
