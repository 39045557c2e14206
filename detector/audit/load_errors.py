"""Why a page could not be visited, in words for people."""

from __future__ import annotations

import re

_CODE = re.compile(
    r"net::ERR_[A-Z0-9_]+|(?:NS|SEC|SSL)_ERROR_[A-Z0-9_]+|MOZILLA_PKIX_ERROR_[A-Z0-9_]+"
)
# The last is what Firefox reports for any certificate that it rejects.
_CERTIFICATE = ("ERR_CERT", "SEC_ERROR", "MOZILLA_PKIX", "BAD_CERT", "NS_ERROR_GENERATE_FAILURE")
_UNSAID = "returned no page, and the browser does not say why"
_GONE = ("has been closed", "Target closed", "Connection closed", "Browser closed", "disconnected")


class BrowserDied(RuntimeError):
    """The browser ended during a visit; it cannot visit anything more."""


def code_of(message: str) -> str:
    """Return the browser's own name of an error, "" without one."""
    found = _CODE.search(message)
    return found[0] if found else ""


def is_gone(message: str) -> bool:
    """Whether an error means that the page or browser no longer exists."""
    return any(text in message for text in _GONE)


def explain(message: str) -> str:
    """Return one sentence on a page that did not load, from the browser's message."""
    code = code_of(message)
    named = f" ({code})" if code else ""
    if "ownload" in message:
        return "is a download, not a page"
    if "REDIRECT" in code:
        return f"redirects endlessly{named}"
    if any(text in code for text in _CERTIFICATE):
        return f"its certificate is not trusted{named}; --ignore-certificate-errors accepts it"
    if "ABORT" in code or code == "NS_ERROR_NO_CONTENT":
        return f"returned no page{named}"
    if "crash" in message.lower():
        return "the page crashed"
    if code:
        return f"cannot be reached{named}"
    text = re.sub(r"^(?:[\w.]+: )?(?:Protocol error \([\w.]+\): )?", "", message.strip())
    line = text.partition("\n")[0].strip()
    return _UNSAID if line in ("", "unknown error") else line
