"""Pages that are named by address: each is asked for as it is, and nothing that it refers to."""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from urllib.parse import urlsplit

from detector.filter_lists.timed_request import asked
from detector.lint.files import LARGEST, Content, LintError, scan
from detector.lint.names import Use

PATIENCE = 30.0
_USES: dict[str, Use] = {"css": "style", "javascript": "code", "html": "markup", "xml": "markup"}


def fetch(url: str) -> Content:
    """Return a page with its names; LintError where it cannot be had."""
    try:
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
            raise LintError(f"{url}: is neither a file nor an http or https address")
        request = urllib.request.Request(url, headers={"User-Agent": "adblock-detector"})
        handlers = (
            urllib.request.HTTPRedirectHandler(),
            urllib.request.HTTPErrorProcessor(),
            urllib.request.HTTPDefaultErrorHandler(),
        )
        with asked(request, time.monotonic() + PATIENCE, *handlers) as answer:
            kind = answer.headers.get_content_type()
            charset = answer.headers.get_content_charset() or "utf-8"
            data = answer.read(LARGEST + 1)
    except TimeoutError:
        raise LintError(f"{url}: did not arrive within {PATIENCE:g} s; try again") from None
    except urllib.error.HTTPError as error:
        error.close()
        raise LintError(f"{url}: answers {error.code} {error.reason}; check the address") from None
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        raise LintError(f"{url}: cannot be read ({reason}); try again") from None
    except LintError:
        raise
    except ValueError as error:
        raise LintError(f"{url}: is not an address ({error})") from None
    if len(data) > LARGEST:
        raise LintError(f"{url}: is larger than {LARGEST // 2**20} MB; name a page")
    use = next((use for word, use in _USES.items() if word in kind), None)
    if not use:
        raise LintError(f"{url}: is {kind}, not a page, style sheet or script; name one of these")
    try:
        text = data.decode(charset, "replace")
    except LookupError:
        text = data.decode("utf-8", "replace")
    return Content(url, urlsplit(url).path, scan(text, use))
