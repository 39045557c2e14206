"""Finds out why a page carries no tag, as far as that is visible from outside.

Proof comes first: if the same page, requested differently, has the tag, the difference is the
cause.
"""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from detector.core.html.eligibility import may_carry, may_differ
from detector.core.html.headers import all_of, by_name, words
from detector.core.html.insertion_point import NEVER
from detector.core.user_agent import classify as visitor
from detector.doctor.document import Page
from detector.doctor.findings import Finding, error
from detector.doctor.policy import read
from detector.doctor.web import USER_AGENT, Web

_CHECK = "tag"
_DIGESTS = ("content-md5", "digest", "repr-digest", "content-digest")


def why(web: Web, page: Page) -> tuple[Finding, Page | None]:
    """Return the reason, and the same page with its tag if another kind of request returned it."""
    for ask in (_uncompressed, _anew, _as_a_person):
        if found := ask(web, page):
            return found
    for tell in (_headers, _policy, _document):
        if finding := tell(page):
            return finding, None
    return (
        error(
            _CHECK,
            "The page has no tag, and nothing on it explains why.",
            "Put the detector in front of this page, check that its option enabled is on, "
            'and search the site\'s log for "detector": after ten errors within ten minutes it '
            "leaves pages unchanged for ten minutes.",
        ),
        None,
    )


def _uncompressed(web: Web, page: Page) -> tuple[Finding, Page | None] | None:
    if not page.answer.packed:
        return None
    plain = Page(page.asked, web.page(page.answer.url, Accept_Encoding="identity"), page.hops)
    if plain.tags:
        return (
            error(
                _CHECK,
                "The page has no tag when it is compressed, and has one when it is not.",
                "Compress outside the detector: in the front server, or in a middleware that "
                "wraps it.",
            ),
            plain,
        )
    if plain.answer.packed:
        return (
            error(
                _CHECK,
                f"The page has no tag, and is compressed by {plain.answer.packed[-1]} even for "
                "clients that do not ask for it.",
                "Store and send the page uncompressed, and let the front server compress it.",
            ),
            None,
        )
    return None


def _anew(web: Web, page: Page) -> tuple[Finding, Page | None] | None:
    """Request the page past every cache."""
    parts = urlsplit(page.answer.url)
    query = f"{parts.query}&" if parts.query else ""
    fresh = parts._replace(query=f"{query}fresh={secrets.randbelow(10**9)}").geturl()
    answer = web.page(fresh, Cache_Control="no-cache", Pragma="no-cache")
    found = Page(page.asked, answer, page.hops)
    if not found.tags:
        return None
    return (
        error(
            _CHECK,
            "The page has no tag when a cache answers, and has one when requested afresh: "
            "the cached copy is older than the detector.",
            "Empty the caches in front of the site (CDN, proxy, the app's own).",
        ),
        found,
    )


def _as_a_person(web: Web, page: Page) -> tuple[Finding, Page | None] | None:
    if not visitor(web.user_agent).bot or not may_differ(by_name(page.answer.headers)):
        return None
    found = Page(page.asked, web.page(page.answer.url, User_Agent=USER_AGENT), page.hops)
    if not found.tags:
        return None
    return (
        error(
            _CHECK,
            "The page has no tag for this user agent, which is a robot's: private pages get no "
            "tag for robots.",
            "Omit --user-agent, or pass a browser's.",
        ),
        found,
    )


def _headers(page: Page) -> Finding | None:
    """Find the header because of which the detector leaves the page unchanged."""
    headers = page.answer.headers
    kept = [(k, v) for k, v in headers if k.lower() != "content-encoding"]
    if may_carry("GET", page.answer.status, by_name(kept)):
        return None
    if "no-transform" in words(",".join(all_of(headers, "cache-control"))):
        return error(
            _CHECK,
            "The page has no tag, because its Cache-Control says no-transform.",
            "Remove no-transform from the page's Cache-Control.",
        )
    digest = next((name for name in _DIGESTS if page.answer.header(name)), "")
    if digest:
        return error(
            _CHECK,
            f"The page has no tag, because its header {digest} is a checksum of its bytes.",
            f"Send the page from the app without {digest}.",
        )
    return error(
        _CHECK,
        f"The page has no tag, because it is sent as {page.answer.header('content-type')}"
        f"{', as a download' if page.answer.header('content-disposition') else ''}.",
        "Send the page as text/html; charset=utf-8 and not as an attachment.",
    )


def _policy(page: Page) -> Finding | None:
    url = page.answer.url
    for policy in read(all_of(page.answer.headers, "content-security-policy")):
        if not policy.loads("script-src", url, url) and not policy.nonces:
            return error(
                _CHECK,
                f"The page has no tag, because its policy would refuse the script "
                f"({policy.directive('script-src')}).",
                "Allow a nonce or 'self' in the policy's script-src.",
            )
    return None


def _document(page: Page) -> Finding | None:
    if page.place != NEVER:
        return None
    begins = " ".join(page.answer.body[:40].decode("latin-1").split())
    return error(
        _CHECK,
        f"The page has no tag, because it is not a whole HTML document: it begins with {begins!r}."
        if begins
        else "The page has no tag, because it is empty.",
        "Begin the page with <!doctype html><html><head>; AMP pages and framesets are left "
        "unchanged.",
    )
