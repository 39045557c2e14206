"""Why a page carries no tag, as far as can be told from outside.

Proof comes first: where the same page, asked for otherwise, has the tag, the difference is why.
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

_LOOK = "tag"
_DIGESTS = ("content-md5", "digest", "repr-digest", "content-digest")


def why(web: Web, page: Page) -> tuple[Finding, Page | None]:
    """Say why, and give the same page with its tag where another way of asking brought it."""
    for ask in (_uncompressed, _anew, _as_a_person):
        if found := ask(web, page):
            return found
    for tell in (_headers, _policy, _document):
        if finding := tell(page):
            return finding, None
    return (
        error(
            _LOOK,
            "The page has no tag, and nothing on it says why.",
            "Put the detector in front of this page, look whether its option enabled is on, "
            'and search the site\'s log for "detector": after ten errors within ten minutes pages '
            "are left alone for ten.",
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
                _LOOK,
                "The page has no tag when it is compressed, and has one when it is not.",
                "Compress outside of the detector: in the front server, or in a middleware that "
                "wraps it.",
            ),
            plain,
        )
    if plain.answer.packed:
        return (
            error(
                _LOOK,
                f"The page has no tag, and is compressed by {plain.answer.packed[-1]} even for "
                "those who do not ask for it.",
                "Keep and send the page uncompressed, and let the front server compress it.",
            ),
            None,
        )
    return None


def _anew(web: Web, page: Page) -> tuple[Finding, Page | None] | None:
    """Ask past every cache."""
    parts = urlsplit(page.answer.url)
    query = f"{parts.query}&" if parts.query else ""
    fresh = parts._replace(query=f"{query}fresh={secrets.randbelow(10**9)}").geturl()
    answer = web.page(fresh, Cache_Control="no-cache", Pragma="no-cache")
    found = Page(page.asked, answer, page.hops)
    if not found.tags:
        return None
    return (
        error(
            _LOOK,
            "The page has no tag where a cache answers, and has one when asked for anew: "
            "what is kept is older than the detector.",
            "Empty the caches before the site (CDN, proxy, the app's own).",
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
            _LOOK,
            "The page has no tag for this user agent, which is a robot's: private pages are left "
            "alone for robots.",
            "Leave --user-agent out, or give a browser's.",
        ),
        found,
    )


def _headers(page: Page) -> Finding | None:
    """Find the header for which the detector leaves the page alone."""
    headers = page.answer.headers
    kept = [(k, v) for k, v in headers if k.lower() != "content-encoding"]
    if may_carry("GET", page.answer.status, by_name(kept)):
        return None
    if "no-transform" in words(",".join(all_of(headers, "cache-control"))):
        return error(
            _LOOK,
            "The page has no tag, since its Cache-Control says no-transform.",
            "Take no-transform out of the page's Cache-Control.",
        )
    digest = next((name for name in _DIGESTS if page.answer.header(name)), "")
    if digest:
        return error(
            _LOOK,
            f"The page has no tag, since its header {digest} is a checksum of its bytes.",
            f"Let the page leave the app without {digest}.",
        )
    return error(
        _LOOK,
        f"The page has no tag, since it comes as {page.answer.header('content-type')}"
        f"{', as a download' if page.answer.header('content-disposition') else ''}.",
        "Send the page as text/html; charset=utf-8 and not as an attachment.",
    )


def _policy(page: Page) -> Finding | None:
    url = page.answer.url
    for policy in read(all_of(page.answer.headers, "content-security-policy")):
        if not policy.loads("script-src", url, url) and not policy.nonces:
            return error(
                _LOOK,
                f"The page has no tag, since its policy would refuse the script "
                f"({policy.directive('script-src')}).",
                "Let the policy's script-src have a nonce, or 'self'.",
            )
    return None


def _document(page: Page) -> Finding | None:
    if page.place != NEVER:
        return None
    begins = " ".join(page.answer.body[:40].decode("latin-1").split())
    return error(
        _LOOK,
        f"The page has no tag, since it is no whole HTML document: it begins with {begins!r}."
        if begins
        else "The page has no tag, since it is empty.",
        "Let the page begin with <!doctype html><html><head>; AMP pages and framesets are left "
        "alone.",
    )
