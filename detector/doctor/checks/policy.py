"""What the page's policies let the script do, and what its answers bring along."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from detector.doctor.checks.tag import enforced
from detector.doctor.document import Page
from detector.doctor.findings import Finding, error, ok, warning
from detector.doctor.policy import Policy, read
from detector.doctor.reach import origin
from detector.doctor.visit import Visit

_LOOK = "policy"
_NAMES = re.compile(rb"createPolicy\(\s*[\"'`]([^\"'`]+)")


def allows(visit: Visit, page: Page) -> list[Finding]:
    """Hold the policies of a page's headers and of its own `<meta>` against what we ask for."""
    header, own = enforced(page), read(page.policies)
    found = [_script(visit, page, header, own), _connect(visit, page, [*header, *own])]
    found += [_image(visit, page, [*header, *own]), _sandbox(header)]
    found.append(_trusted_types(visit, [*header, *own]))
    said = [finding for finding in found if finding]
    if said:
        return said
    if header or own:
        return [ok(_LOOK, "The page's policy lets the script load, ask and report.")]
    return [ok(_LOOK, "No policy holds the script back.")]


def _script(visit: Visit, page: Page, header: list[Policy], own: list[Policy]) -> Finding | None:
    url, tag = page.answer.url, page.tags[0]
    for policy in header:
        if not policy.loads("script-src", tag.url, url, tag.nonce):
            return error(
                _LOOK,
                f"The policy refuses our script ({policy.directive('script-src')}).",
                "Let script-src have 'self'; or set the policy in the app with a nonce for each "
                "response, which the tag takes.",
            )
    for policy in own:
        if not policy.loads("script-src", visit.file, url, tag.nonce, by_us=True):
            return error(
                _LOOK,
                f"The policy in the page's <meta> refuses our baits "
                f"({policy.directive('script-src')}).",
                "Let its script-src have 'self', or set the policy as a header with a nonce.",
            )
    return None


def _connect(visit: Visit, page: Page, policies: list[Policy]) -> Finding | None:
    if not (words := _refusing("connect-src", visit.file, page, policies)):
        return None
    return error(
        _LOOK,
        f"The policy refuses the bootstrap, fetched baits and the report ({words}): every page "
        "view stays unknown.",
        "Let connect-src have 'self'.",
    )


def _image(visit: Visit, page: Page, policies: list[Policy]) -> Finding | None:
    if not (words := _refusing("img-src", visit.at("a.png"), page, policies)):
        return None
    return warning(
        _LOOK,
        f"The policy refuses image baits ({words}): fewer rules are seen, and more requests are "
        "made.",
        "Let img-src have 'self'.",
    )


def _refusing(purpose: str, url: str, page: Page, policies: list[Policy]) -> str:
    """Return the words with which the first policy refuses `url`; empty when none does."""
    refusing = (p for p in policies if not p.loads(purpose, url, page.answer.url))
    return next((policy.directive(purpose) for policy in refusing), "")


def _sandbox(policies: list[Policy]) -> Finding | None:
    if not any(policy.sandboxed for policy in policies):
        return None
    return error(
        _LOOK,
        "The policy's sandbox keeps scripts from running, or takes the page's origin away.",
        "Give sandbox both allow-scripts and allow-same-origin, or leave it out.",
    )


def _trusted_types(visit: Visit, policies: list[Policy]) -> Finding | None:
    asked = [types for policy in policies if (types := policy.trusted_types) is not None]
    if not asked or not visit.scripts:
        return None
    made = {n.decode() for body in visit.scripts.values() for n in _NAMES.findall(body)}
    if made and all("*" in types or made <= {*types} for types in asked):
        return None
    return error(
        _LOOK,
        "The policy asks for Trusted Types, and lets our script set no address of a bait: in "
        "browsers that know them every page view stays unknown.",
        f"Let trusted-types have {' '.join(sorted(made))}."
        if made
        else "Leave out require-trusted-types-for, or make a default policy that lets addresses "
        f"below {visit.tag.folder} pass.",
    )


def carries(visit: Visit) -> list[Finding]:
    """Whether something was added to our answers: cookies, or a way to another host."""
    found = []
    cookies = sorted(
        {
            answer.header("set-cookie").partition("=")[0]
            for answer in visit.answers
            if answer.header("set-cookie")
        }
    )
    if cookies:
        found.append(
            warning(
                "cookies",
                f"Something sets cookies on our URLs ({', '.join(cookies)}); the detector sets "
                "none, and caches then keep nothing.",
                "Leave the folder of the tag's script out of what sets them (load balancer, CDN, "
                "a middleware that wraps the detector).",
            )
        )
    downs = [one.goal for one in visit.answers if _insecure(visit.url, one.goal)]
    if downs:
        found.append(
            error(
                "mixed content",
                f"Our URLs are sent on from https to {downs[0]}: browsers refuse that.",
                "Let the front server tell the app the scheme (X-Forwarded-Proto), and the app "
                "believe it.",
            )
        )
    return found or [ok("cookies", "Nothing sets a cookie on our URLs.")]


def _insecure(page: str, goal: str) -> bool:
    return origin(page)[0] == "https" and urlsplit(goal).scheme == "http"
