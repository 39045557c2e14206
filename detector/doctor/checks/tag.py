"""The tag in a page: once, in its place, whole, and allowed to run."""

from __future__ import annotations

from urllib.parse import urlsplit

from detector.core.html.headers import all_of
from detector.core.html.tag import INLINE
from detector.doctor.document import NOT_HELD, Page, Tag
from detector.doctor.findings import Finding, error, ok, warning
from detector.doctor.policy import Policy, read
from detector.doctor.scan import Element


def stands(page: Page) -> list[Finding]:
    """Whether the tag is there once, in its place, and unchanged."""
    tag = page.tags[0]
    found = [
        finding
        for look in (_once, _place, _as_made, _scheme)
        if (finding := look(page, tag)) is not None
    ]
    first = _inline(page, tag) or tag.element
    where = "right after <head>" if first.at == page.place else "before every other script"
    return found or [ok("tag", f"The tag is there once, {where}.")]


def _once(page: Page, tag: Tag) -> Finding | None:
    if len(page.tags) == 1:
        return None
    return warning(
        "tag",
        f"The tag is there {len(page.tags)} times; the script runs once, but is requested again.",
        "Place it by hand or let it be added, not both, and mount the detector once.",
    )


def _place(page: Page, tag: Tag) -> Finding | None:
    first = _inline(page, tag) or tag.element
    if first.at == page.place:
        return None
    before = [one for one in page.elements if one.at < first.at]
    if base := next((one for one in before if one.name == "base" and _moves(one, page)), None):
        return error(
            "tag",
            f'The tag comes after <base href="{base.attributes["href"]}">, which makes its '
            "script load from elsewhere.",
            "Place the tag right after <head>, before <base>.",
        )
    if any(one.name == "script" for one in before):
        return warning(
            "tag",
            "The tag comes after other scripts, whose ad requests it cannot see.",
            "Place the tag right after <head>, or keep the front server and its add-ons "
            "(analytics, optimisers) from inserting anything before it.",
        )
    return None


def _moves(base: Element, page: Page) -> bool:
    href = base.attributes.get("href", "")
    try:
        netloc = urlsplit(href).netloc
    except ValueError:  # Browsers ignore such a base.
        return False
    return netloc not in ("", urlsplit(page.answer.url).netloc)


def _as_made(page: Page, tag: Tag) -> Finding | None:
    if not tag.element.runs:
        return error("tag", *_held(tag.element, "tag"))
    if tag.token:
        return None
    return error(
        "tag",
        "The tag has lost its data attribute, which tells the site which page it is on.",
        "Switch off whatever rewrites HTML on the way, or place the tag by the template helper.",
    )


def _held(script: Element, what: str) -> tuple[str, str]:
    saw = (
        f'The {what} was changed to type="{script.attributes["type"]}" on the way, so no '
        "browser runs it at once."
    )
    if NOT_HELD in script.attributes:
        return saw, "Exclude the folder of the tag's script from the optimiser that defers scripts."
    return saw, (
        f'Place the whole tag as it is generated or printed now: its {NOT_HELD}="false" keeps '
        "Cloudflare's Rocket Loader off. Exclude its script's folder from other optimisers."
    )


def _scheme(page: Page, tag: Tag) -> Finding | None:
    if urlsplit(page.answer.url).scheme != "https" or tag.url.startswith("https:"):
        return None
    return error(
        "tag",
        f"The page is loaded by https and its script by http ({tag.url}): browsers refuse it.",
        "Let the front server send the app the scheme (X-Forwarded-Proto), and the app trust it.",
    )


def elsewhere(tag: Tag, refusal: str) -> Finding | None:
    """Return an error if `refusal` explains why the tag's script was not requested."""
    if not refusal:
        return None
    return error(
        "tag",
        f"The tag's script {tag.url} was not requested, because {refusal}.",
        "Place the tag as it is generated: its script comes from the page's own host and port.",
    )


def _inline(page: Page, tag: Tag) -> Element | None:
    """Return the inline script, which is the element right before the tag's script."""
    at = page.elements.index(tag.element)
    before = page.elements[at - 1] if at else None
    if before is None or before.name != "script" or before.attributes.get("src"):
        return None
    return before if "addEventListener" in before.text else None


def enforced(page: Page) -> list[Policy]:
    """Return the policies of the page's headers."""
    return read(all_of(page.answer.headers, "content-security-policy"))


def line(page: Page) -> Finding:
    """Whether the inline script is there, whole, and may run."""
    look, tag, policies = "inline line", page.tags[0], enforced(page)
    found = _inline(page, tag)
    refusing = [p.directive("script-src") for p in policies if not p.inline(INLINE, tag.nonce)]
    if found is None:
        return warning(
            look,
            f"The inline line before the tag is missing, because of the policy ({refusing[0]}): "
            "failed ad requests go unseen, so no page view is known to be clear of them."
            if refusing
            else "The inline line before the tag is missing: failed ad requests go unseen.",
            "Add a nonce for each response to the policy's script-src; the tag uses it."
            if refusing
            else "Place the whole tag by the template helper, and let nothing rewrite the page.",
        )
    if refusing:
        return warning(
            look,
            f"The policy refuses the inline line ({refusing[0]}), with a message in the console.",
            "Set the policy in the app, where the detector reads it, and not in the front server.",
        )
    if not found.runs:
        return warning(look, *_held(found, "inline line"))
    if found.text.strip() != INLINE:
        return warning(
            look,
            "The inline line is not this version's.",
            "Run the version of adblock-detector that the site runs, or let nothing rewrite "
            "the page's scripts.",
        )
    return ok(look, "The inline line comes before the tag, and may run.")


def nonce(page: Page) -> Finding:
    """Whether the tag's nonce is that of the page's policy."""
    tag = page.tags[0]
    wanted = {nonce for policy in enforced(page) for nonce in policy.nonces}
    parts = [one for one in (_inline(page, tag), tag.element) if one]
    given = {one.attributes.get("nonce", "") for one in parts}
    if not wanted:
        if given == {""}:
            return ok("nonce", "No policy requires a nonce.")
        return ok("nonce", "The tag has a nonce, which no policy of the page requires.")
    if given <= wanted:
        return ok("nonce", "The tag has the nonce of the page's policy.")
    have = "has none" if given == {""} else f"has {', '.join(sorted(map(repr, given)))}"
    return error(
        "nonce",
        f"The policy's nonce is {', '.join(sorted(map(repr, wanted)))} and the tag {have}.",
        "Set the policy in the app, where the detector reads it, and let no cache store a page "
        "whose policy has a nonce.",
    )
