"""What the doctor says about a page: one function for each finding."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from urllib.parse import urljoin, urlsplit

from detector.doctor import layers, policy
from detector.doctor.findings import Finding, error, ok, warning
from detector.doctor.visit import Page
from detector.page import csp
from detector.page.eligible import may_carry, may_differ
from detector.page.headers import words
from detector.page.place import find

_NAME = "the policy's name ads: trusted-types ads"


def reachable(page: Page, user_agent: str) -> Finding:
    """Say whether the page answers 200 with HTML."""
    answer = page.answer
    way = "".join(f" after {hop.said}" for hop in page.hops[:1])
    if answer.goal:
        return error("page", f"The page sends on and on, at last {answer.said}.", _CHECK)
    if not answer.status:
        return error("page", f"Nothing came for the page: {answer.failure}.", _CHECK)
    if answer.status != 200:
        seen = f"The page answers {answer.said}{way}."
        return error("page", seen, f"{_CHECK} The answer is {layers.who(answer)}'s.")
    if page.hops and layers.is_login(page.url):
        return warning(
            "page",
            f"The page sends on to {page.url}, which looks like a log-in page.",
            "The doctor has no session: name pages that anybody may see.",
        )
    if answer.kind != "text/html":
        kind = answer.kind or "no content type"
        return error("page", f"The page comes as {kind}, not as text/html.", _CHECK)
    return ok("page", f"The page answers 200 with HTML{way}.")


_CHECK = "Name the address of a page of yours that anybody may see."


def tag(page: Page, user_agent: str) -> Finding:
    """Say whether our tag is there, once; where it is not, why."""
    count = len(page.document.tags)
    if count == 1:
        return ok("tag", "The tag is there, once.")
    if count > 1:
        return warning(
            "tag",
            f"The tag is there {count} times; only the first one acts.",
            "Add the detector in one place only: one middleware, or one line in the template.",
        )
    seen, mend = _why_missing(page, user_agent)
    return error("tag", f"The tag is not in the page: {seen}.", mend)


def _why_missing(page: Page, user_agent: str) -> tuple[str, str]:
    """Say why a page has no tag, as far as can be told from outside."""
    for reason in (_compressed, _not_eligible, _not_a_document, _no_leave, _robot, _stored):
        if found := reason(page, user_agent):
            return found
    return (
        "nothing in the answer says why",
        "Check that the detector wraps the app that makes this page, that DETECTOR_ENABLED is not "
        "off, that the page is not a file sent as it is, and that the app's log has no line of "
        '"detector:" (after ten errors pages are left alone until a restart).',
    )


def _compressed(page: Page, user_agent: str) -> tuple[str, str] | None:
    encoding = page.answer.header("content-encoding")
    if page.plain is not None and page.plain.tags:
        return (
            f"it is compressed ({encoding}) by a layer inside of the detector; "
            "without compression the tag is there",
            "Let the outermost layer compress: put the compressing middleware around the detector, "
            "or leave it to the front server.",
        )
    if page.plain is None and encoding and encoding not in ("gzip", "deflate", "identity"):
        return (f"it is compressed ({encoding}) though that was not asked for", _COMPRESS)
    return None


_COMPRESS = "Let the outermost layer compress, and only what the browser asked for."


def _not_eligible(page: Page, user_agent: str) -> tuple[str, str] | None:
    headers = [(k, v) for k, v in page.answer.headers if k.lower() != "content-encoding"]
    if may_carry("GET", page.answer.status, headers, {}):
        return None
    if not 200 <= page.answer.status <= 299:
        return (
            f"it answers {page.answer.status}, and error pages carry none",
            "Mend the page, or set error_pages=True where error pages are to carry the tag.",
        )
    if page.answer.kind != "text/html":
        return ("it is not text/html", "Send the page with Content-Type: text/html.")
    for name, value in page.answer.headers:
        if name.lower() == "cache-control" and "no-transform" in words(value):
            return (
                "Cache-Control says no-transform, which forbids any change",
                "Leave no-transform out where the tag is wanted, or place the tag in the template.",
            )
        if name.lower() in ("content-md5", "digest", "repr-digest", "content-digest"):
            return (f"it carries a checksum ({name})", f"Make {name} outside of the detector.")
        if name.lower() in ("content-disposition", "content-range"):
            return (f"it is a download or a part of one ({name})", f"Leave {name} out of pages.")
    return (
        f"its encoding is not like ASCII ({page.answer.header('content-type')})",
        "Send pages as text/html; charset=utf-8.",
    )


def _not_a_document(page: Page, user_agent: str) -> tuple[str, str] | None:
    if find(page.answer.body, complete=True) >= 0:
        return None
    return (
        "it does not begin like a whole document (a doctype or <html>), or it is AMP or a frameset",
        "Begin the page with <!doctype html><html><head>, without any text before it.",
    )


def _no_leave(page: Page, user_agent: str) -> tuple[str, str] | None:
    values = page.answer.all("content-security-policy")
    if csp.read(values).script:
        return None
    if any(one.names_trusted_types for one in policy.read(values)):
        return ("its policy limits Trusted Types to other names than ours", f"Add {_NAME} …")
    return (
        "its Content-Security-Policy gives our script no leave",
        "Add 'self' or a nonce to script-src; the tag takes the nonce of the response's header.",
    )


def _robot(page: Page, user_agent: str) -> tuple[str, str] | None:
    if not may_differ(page.answer.headers):
        return None
    from detector.visitor import look

    if not look(user_agent).bot:
        return None
    return (
        "the page is private and the User-Agent is a robot's, which gets no tag",
        "Leave --user-agent out, or give a browser's.",
    )


def _stored(page: Page, user_agent: str) -> tuple[str, str] | None:
    age = page.answer.header("age")
    if not age.isdigit() or age == "0":
        return None
    return (
        f"a cache gave it, {age} s old, perhaps stored before the detector was there",
        "Empty the page cache (CDN or front server) and run this again.",
    )


def place(page: Page) -> Finding | None:
    """Say whether the tag stands right behind `<head>`."""
    found = page.tag
    document = page.plain if page.plain and page.plain.tags else page.document
    if found is None:
        return None
    if "base" in found.before and _foreign_base(page, document.base):
        return error(
            "place",
            f"A <base> with the foreign address {document.base} stands before the tag, which is "
            "then asked for there.",
            "Put the tag before <base>, right behind <head>.",
        )
    if "script" in found.before:
        return warning(
            "place",
            "A <script> stands before the tag: what fails before it is not seen.",
            "Put the tag right behind <head>, and keep other layers from adding scripts before it.",
        )
    at = find(document.text.encode("latin-1"), complete=True)
    if at != found.at:
        return warning(
            "place",
            "The tag does not stand right behind <head>.",
            "Put the tag right behind <head>, before anything that loads.",
        )
    return ok("place", "It stands right behind <head>, before any script.")


def _foreign_base(page: Page, base: str) -> bool:
    return urlsplit(urljoin(page.url, base)).netloc != urlsplit(page.url).netloc


def inline(page: Page) -> Finding | None:
    """Say whether the inline line is there, untouched."""
    found = page.tag
    if found is None:
        return None
    if found.inline:
        return ok("inline", "The inline line is there: the page's own ad requests are watched.")
    leave = csp.read(page.answer.all("content-security-policy"))
    if not leave.inline:
        return warning(
            "inline",
            "The inline line is left out, since the policy lets no inline script run: the page's "
            "own ad requests are not watched.",
            "Give the response's script-src a nonce; the tag takes it.",
        )
    return warning(
        "inline",
        "The inline line before the script is missing or changed.",
        "Keep HTML minifiers, optimisers and script delayers from the tag.",
    )


def nonce(page: Page) -> Finding | None:
    """Say whether the tag carries the nonce that the response's policy names."""
    found = page.tag
    wanted = csp.read(page.answer.all("content-security-policy")).nonce
    if found is None or not (wanted or found.nonce):
        return None
    if found.nonce == wanted and (not found.inline or found.inline_nonce == wanted):
        return ok("nonce", "The tag carries the nonce of the policy.")
    if not found.nonce:
        seen = "The policy names a nonce and the tag carries none."
    else:
        seen = "The tag carries another nonce than the policy names, or the policy names none."
    return error(
        "nonce",
        seen,
        "Let the app set the Content-Security-Policy itself, inside of the detector, anew for each "
        "response, and keep caches from joining an old page with a new header.",
    )


def content_policy(page: Page) -> Finding | None:
    """Say whether the page's policies, its meta elements among them, let the script do its work."""
    found = page.tag
    if found is None:
        return None
    head = policy.read(page.answer.all("content-security-policy"))
    meta = policy.read(page.document.policies)
    if "meta" in found.before:
        head += meta
    src, folder = urljoin(page.url, found.src), found.folder(page.url)
    refused: dict[str, str] = {}

    def ask(what: str, kind: str, policies: Iterable[policy.Policy], loads: _Loads) -> None:
        for one in policies:
            if not loads(one):
                name = (one.governing(kind) or ("sandbox",))[0]
                refused.setdefault(what, name + (" of a <meta>" if one in meta else ""))

    ask("its script", "script", head, lambda p: p.loads("script", src, page.url, found.nonce))
    if found.inline:
        ask("its inline line", "script", head, lambda p: p.runs_inline(found.inline_nonce))
    both = [*head, *(one for one in meta if one not in head)]
    bait = folder + "x/x."
    ask(
        "its bait scripts",
        "script",
        both,
        lambda p: p.loads("script", bait + "js", page.url, found.nonce, made=True),
    )
    ask("its control and report", "fetch", both, lambda p: p.loads("fetch", bait, page.url))
    ask("its bait images", "image", both, lambda p: p.loads("image", bait + "png", page.url))
    ask("any of it", "sandbox", both, lambda p: not p.boxed)
    if not refused:
        return ok("csp", f"{'The policy lets' if both else 'No policy hinders'} it do its work.")
    parts = ", ".join(f"{what} ({name})" for what, name in refused.items())
    return error(
        "csp",
        f"The page's Content-Security-Policy refuses {parts}.",
        "Add 'self' to the directives named, or for scripts a nonce in the header that the app "
        "itself sends; whoever adds the policy behind the app (nginx's add_header) hides it from "
        "the detector. A sandbox needs allow-scripts and allow-same-origin.",
    )


_Loads = Callable[[policy.Policy], bool]


def trusted_types(page: Page) -> Finding | None:
    """Say whether Trusted Types let our scripts load."""
    policies = policy.read([*page.answer.all("content-security-policy"), *page.document.policies])
    if page.tag is None or not any(
        one.requires_trusted_types or "trusted-types" in one.directives for one in policies
    ):
        return None
    if not any(one.names_trusted_types for one in policies):
        return ok("trusted-types", "Trusted Types are on, and our policy's name is allowed.")
    required = any(one.requires_trusted_types for one in policies)
    return (error if required else warning)(
        "trusted-types",
        "Trusted Types are limited to other names than ours"
        + (": our further scripts cannot load." if required else ": the console gets a message."),
        f"Add {_NAME} beside your own names.",
    )


def service_worker(page: Page) -> Finding | None:
    """Warn where the page registers a service worker, which may answer in our place."""
    if page.tag is None or not page.document.worker:
        return None
    prefix = urlsplit(page.tag.folder(page.url)).path
    return warning(
        "service-worker",
        "The page registers a service worker, which sees our requests and may answer them.",
        f"Let its fetch listener leave {prefix} alone: if (new URL(event.request.url).pathname"
        f'.startsWith("{prefix}")) return;',
    )


LOOKS = (place, inline, nonce, content_policy, trusted_types, service_worker)
