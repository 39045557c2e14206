"""The events of a page while it loads: console errors, failed requests, dialogs, downloads."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from detector.audit.model import Failed
from detector.core.served_names import is_foreign

if TYPE_CHECKING:
    from playwright.sync_api import (
        ConsoleMessage,
        Dialog,
        Download,
        Page,
        Request,
        Response,
    )

    from detector.testing.blockers.running import Running

# What browsers themselves log about requests, which are listed separately.
_OF_REQUESTS = (
    "Failed to load resource",
    "Loading failed for the",
    "Access to ",
    "Cross-Origin Request Blocked",
    "The resource at ",
    "Request to access cookie",
    "Loading module from",
    "A resource is blocked by",
    "The loading of ",
    "Error while fetching an original source map",
)
_MOST = 200
_MOST_REQUESTS = 1000
_LONGEST = 2000
_MOST_DIALOGS = 20


class PageEvents:
    """The event listeners of one visit; active from their creation until the page is closed."""

    def __init__(self, page: Page, running: Running) -> None:
        self._page = page
        self._is_block = running.is_block
        self.console: list[str] = []
        self.failed: list[tuple[str, str, str, int | None]] = []
        self.dialogs: list[str] = []
        self.downloads: list[str] = []
        self.crashed = False
        # Switched off before we do things to the page that its policy may complain about.
        self.hears = True
        self.answer: Response | None = None
        self.controls: list[Response] = []
        self._asked: dict[tuple[str, str], None] = {}
        self._open: set[Request] = set()
        self._last = time.monotonic()
        self._listen(page)

    def _listen(self, page: Page) -> None:
        page.on("request", self._request)
        page.on("requestfinished", self._ended)
        page.on("requestfailed", self._failure)
        page.on("response", self._response)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self._say(_first(f"{error.name}: {error.message}")))
        page.on("dialog", self._dialog)
        page.on("download", self._download)
        page.on("crash", self._crash)
        page.on("popup", self._popup)

    def is_quiet(self, seconds: float) -> bool:
        """Whether no request is in progress, and none was for some time."""
        return not self._open and time.monotonic() - self._last >= seconds

    def failures(self, prefix: str) -> list[Failed]:
        """Return the requests that failed, in order; `prefix` is the folder of our own URLs."""
        return [
            Failed(
                url,
                kind,
                why,
                blocked=status is None and self._is_block(why),
                status=status,
                bait=_is_ours(urlsplit(url).path, prefix),
            )
            for url, kind, why, status in self.failed
        ]

    def requests(self, prefix: str) -> list[tuple[str, str]]:
        """Return addresses and types of the page's requests, but for our own URLs, in order."""
        return [one for one in self._asked if not _is_ours(urlsplit(one[0]).path, prefix)]

    def _request(self, request: Request) -> None:
        self._open.add(request)
        self._last = time.monotonic()
        url = request.url
        short = url.startswith("http") and len(url) <= _LONGEST
        if short and len(self._asked) < _MOST_REQUESTS and not self._is_main(request):
            self._asked[url, request.resource_type] = None

    def _ended(self, request: Request) -> None:
        self._open.discard(request)
        self._last = time.monotonic()

    def _failure(self, request: Request) -> None:
        self._ended(request)
        if not self._is_main(request):
            self._note(request, request.failure or "", None)

    def _response(self, response: Response) -> None:
        self._last = time.monotonic()
        request = response.request
        if self._is_main(request):
            if not 300 <= response.status < 400:
                self.answer = response
        elif response.status >= 400:
            self._note(
                request, f"{response.status} {response.status_text}".strip(), response.status
            )
        elif ".json?v=" in response.url:
            self.controls.append(response)

    def _note(self, request: Request, why: str, status: int | None) -> None:
        if len(self.failed) < _MOST:
            kind = "frame" if request.is_navigation_request() else request.resource_type
            self.failed.append((request.url, kind, why, status))

    def _is_main(self, request: Request) -> bool:
        from playwright.sync_api import Error

        try:
            return request.is_navigation_request() and request.frame == self._page.main_frame
        except Error:  # a service worker's, or of a frame that is gone
            return False

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._say(_first(message.text) + _place(message.location))

    def _say(self, text: str) -> None:
        if text.startswith(_OF_REQUESTS) or text in self.console:
            return
        if self.hears and len(self.console) < _MOST:
            self.console.append(text)

    def _dialog(self, dialog: Dialog) -> None:
        from playwright.sync_api import Error

        if len(self.dialogs) < _MOST_DIALOGS:
            self.dialogs.append(f"{dialog.type}: {dialog.message[:200]}")
        with suppress(Error):
            dialog.dismiss()

    def _download(self, download: Download) -> None:
        self.downloads.append(download.suggested_filename or download.url)

    def _crash(self, page: object) -> None:
        self.crashed = True

    def _popup(self, page: Page) -> None:
        from playwright.sync_api import Error

        with suppress(Error):
            page.close()


def _is_ours(path: str, prefix: str) -> bool:
    return is_foreign(path) or (bool(prefix) and path.startswith(prefix))


def _first(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[0][:500] if lines else ""


def _place(location: Any) -> str:
    """Return where a message comes from: the file without its query, which may be random."""
    url = str((location or {}).get("url", "")).partition("?")[0]
    return f" ({url})" if url.startswith("http") else ""
