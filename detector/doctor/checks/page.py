"""The page itself: does it arrive, is it HTML, who may cache it, what else runs on it."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from detector.core.html.headers import all_of, words
from detector.doctor.document import Page
from detector.doctor.findings import Finding, error, ok, warning
from detector.doctor.reach import origin
from detector.doctor.web import Web

_LOGIN = re.compile(r"log-?in|sign-?in|/auth|/sso", re.IGNORECASE)
_WORKER = re.compile(rb"serviceWorker\s*(?:\?\.|\.)\s*register\s*\(")
_SCRIPTS = 20


def open_page(web: Web, url: str) -> Page:
    """Open an address through its redirects, ten at most, none of them leaving the site."""
    hops: list[str] = []
    answer = web.page(url)
    barred = ""
    while answer.goal and len(hops) < 10 and not (barred := web.refusal(answer.goal)):
        hops.append(answer.url)
        answer = web.page(answer.goal)
    return Page(url, answer, tuple(hops), barred)


def arrives(page: Page) -> Finding:
    """Whether the page arrives as HTML with 200."""
    answer, look = page.answer, "page"
    where = f"It was redirected to {answer.url}. " if page.hops else ""
    if answer.failed:
        return error(look, f"{where}The page does not answer: {answer.failed}.", "Start the site.")
    if page.barred:
        return error(
            look,
            f"The page redirects to {answer.goal}, which was not followed: {page.barred}.",
            "Pass the address of the page itself.",
        )
    if answer.goal:
        return error(
            look, f"The page redirects too often, last to {answer.goal}.", "Fix the redirect loop."
        )
    if answer.status != 200:
        return error(look, f"{where}The page answers {answer.status}.", _for(answer.status))
    if answer.broken:
        return error(
            look,
            f"{where}The page {answer.broken}.",
            "Let a single layer compress, and let none set a length for another's body.",
        )
    if answer.type not in ("text/html", "application/xhtml+xml"):
        return error(
            look,
            f"{where}The page is {answer.type or 'of no type'}, not text/html.",
            "Pass the address of an HTML page, or send the page as text/html.",
        )
    if page.hops and _LOGIN.search(urlsplit(answer.url).path):
        return warning(
            look,
            f"A login page is shown instead of the page: it was redirected to {answer.url}.",
            "Pass the address of a public page.",
        )
    return ok(look, f"{where}The page arrives: 200, HTML, {len(answer.body):,} bytes.")


def _for(status: int) -> str:
    if status in (401, 403, 407, 429):
        return "Let this address pass the login or firewall, or pass that of a public page."
    if status >= 500:
        return "Fix the site: its log says what went wrong."
    return "Pass the address of a page that exists."


def kept(page: Page) -> Finding:
    """Return who may cache the page; only a nonce forbids it."""
    answer = page.answer
    cache = ",".join(all_of(answer.headers, "cache-control"))
    asked = words(cache)
    age = answer.header("age")
    shared = bool({"public", "s-maxage"} & asked) or answer.from_cache
    if shared and any(tag.nonce for tag in page.tags):
        return warning(
            "cache",
            f"A cache stores a page with a nonce ({cache or 'no Cache-Control'}): "
            "every visitor gets the same.",
            "Send such pages with Cache-Control: private, no-store.",
        )
    seen = cache or "no Cache-Control"
    seen += f", Age {age}" if age else ""
    return ok("cache", f"Any cache may store the page ({seen}): its tag does not expire.")


def worker(web: Web, page: Page) -> Finding:
    """Search for a service worker, which may answer for the site."""
    url = page.answer.url
    if _WORKER.search(page.answer.body):
        return _worker("The page")
    own = {id(tag.element) for tag in page.tags}
    for one in [one for one in page.elements if id(one) not in own][:_SCRIPTS]:
        src = one.attributes.get("src", "").strip()
        if one.name != "script" or not src:
            continue
        try:
            address = urljoin(url, src)
        except ValueError:
            continue
        if origin(address) == origin(url) and _WORKER.search(
            web.get(address, Referer=url, Sec_Fetch_Dest="script").body
        ):
            return _worker(urlsplit(address).path)
    return ok("service worker", "Neither the page nor its own scripts register a service worker.")


def _worker(who: str) -> Finding:
    return warning(
        "service worker",
        f"{who} registers a service worker, which may answer our URLs from its cache.",
        "Let its fetch handler return early for our URLs, those in the folder of the tag's script.",
    )
