"""The bootstrap, the first request of every view: does it arrive, is it fresh, has it baits."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import urlsplit

from detector.core.bootstrap import BAIT_TYPES
from detector.core.html.headers import all_of, words
from detector.core.user_agent import classify as visitor
from detector.doctor.findings import Finding, error, ok, warning
from detector.doctor.visit import Visit, as_object, front_server, new_view, trouble
from detector.doctor.web import Answer
from detector.doctor.wire import from_wire

_CHECK = "bootstrap"
_NEEDED = {
    **{"token": str, "proof": str, "image_width": int, "baits": list},
    **{"arrivals_url": str, "report_url": str, "followup_url": str},
}


def answers(visit: Visit) -> tuple[list[Finding], dict[bool, list[list[object]]]]:
    """Send the requests of two views; return the baits of a first and a second check, if any.

    The second check of a view is not counted, and neither is a first check after it.
    """
    view, other = new_view(), new_view()
    baits: dict[bool, list[list[object]]] = {}
    asked = [(view, True), (view, False), (other, True)]
    got = [(who, again, visit.ask_bootstrap(who, again)) for who, again in asked]
    for who, again, answer in got:
        if finding := _lost(visit, answer) or _stale(visit, answer, who):
            return [finding], baits
        told = _named(answer)
        if finding := _without_baits(visit, told):
            return [finding], baits
        if who == view:
            visit.bootstrap = told
            baits[again] = told["baits"]
    found = [finding for finding in (_cached(visit, got[-1][2]), _kept(got[-1][2])) if finding]
    return found or [ok(_CHECK, "The bootstrap answers each view afresh, with its token.")], baits


def _fix(visit: Visit) -> str:
    return (
        "Pass everything below this folder to the app, ahead of rules for extensions, names or "
        f"logins. {front_server(visit)}"
    )


def _named(answer: Answer) -> dict[str, Any]:
    return from_wire(as_object(answer) or {})


def _path(answer: Answer) -> str:
    return urlsplit(answer.url).path


def _lost(visit: Visit, answer: Answer) -> Finding | None:
    wrong = trouble(answer, "fetch")
    if not wrong and "view" not in _named(answer):
        wrong = "returns something other than what the site sends"
    if not wrong:
        return None
    return error(
        _CHECK,
        f"The bootstrap {_path(answer)} {wrong}: every page view stays unknown, and baits and "
        "report cannot be checked.",
        _fix(visit),
    )


def _stale(visit: Visit, answer: Answer, view: str) -> Finding | None:
    """Compare the echoed id with the one that was sent."""
    if _named(answer).get("view") == view:
        return None
    return error(
        _CHECK,
        f"The bootstrap {_path(answer)} comes from a cache: it answers with the id of another "
        "view, so every page view but the first stays unknown.",
        _uncached(visit),
    )


def _uncached(visit: Visit) -> str:
    return (
        "Let no cache store responses marked no-store. nginx: no proxy_ignore_headers "
        "Cache-Control, or "
        f"location ^~ {visit.tag.folder} {{ proxy_pass http://your-app; proxy_cache off; }}"
    )


def _without_baits(visit: Visit, told: dict[str, object]) -> Finding | None:
    if all(isinstance(told.get(key), kind) for key, kind in _NEEDED.items()) and all(
        map(_is_bait, cast("list[object]", told["baits"]))
    ):
        return None
    if visitor(visit.web.user_agent).bot:
        return warning(
            _CHECK,
            "The bootstrap has no baits for this user agent, which is a robot's: baits and "
            "report were not checked.",
            "Omit --user-agent, or pass a browser's.",
        )
    return error(
        _CHECK,
        "The bootstrap has no token and no baits, as for a robot.",
        "Pass the browser's User-Agent on to the app (nginx: no proxy_set_header User-Agent), and "
        "run the version of adblock-detector that the site runs.",
    )


def _is_bait(bait: object) -> bool:
    return (
        isinstance(bait, list)
        and [type(part) for part in bait] == [int, int, str, str]
        and bait[0] in range(len(BAIT_TYPES))
    )


def _cached(visit: Visit, answer: Answer) -> Finding | None:
    if not answer.from_cache:
        return None
    return error(
        _CHECK, f"The bootstrap {_path(answer)} says that it comes from a cache.", _uncached(visit)
    )


def _kept(answer: Answer) -> Finding | None:
    told = ",".join(all_of(answer.headers, "cache-control"))
    if "no-store" in words(told):
        return None
    return warning(
        _CHECK,
        f"The bootstrap is sent with Cache-Control: {told or 'nothing'} rather than no-store, so a "
        "cache may store it.",
        "Keep the app's own header (nginx: no expires and no proxy_hide_header there).",
    )
