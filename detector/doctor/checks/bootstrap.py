"""The bootstrap, which begins every look: is it there, is it fresh, does it bring baits."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import urlsplit

from detector.core.bootstrap import BAIT_TYPES, from_wire
from detector.core.html.headers import all_of, words
from detector.core.user_agent import classify as visitor
from detector.doctor.findings import Finding, error, ok, warning
from detector.doctor.visit import Visit, as_object, front_server, new_view, trouble
from detector.doctor.web import Answer

_LOOK = "bootstrap"
_NEEDED = {
    **{"token": str, "proof": str, "image_width": int, "baits": list},
    **{"arrivals_url": str, "report_url": str, "followup_url": str},
}


def answers(visit: Visit) -> tuple[list[Finding], dict[bool, list[list[object]]]]:
    """Ask as two views do; give the baits of a first look and of a second, where they came.

    A second look of a view is not counted, and neither is a first look after it.
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
    return found or [ok(_LOOK, "The bootstrap answers each view anew, with its token.")], baits


def _mend(visit: Visit) -> str:
    return (
        "Let everything below this folder reach the app, before rules for endings, names or "
        f"log-ins. {front_server(visit)}"
    )


def _named(answer: Answer) -> dict[str, Any]:
    return from_wire(as_object(answer) or {})


def _path(answer: Answer) -> str:
    return urlsplit(answer.url).path


def _lost(visit: Visit, answer: Answer) -> Finding | None:
    wrong = trouble(answer, "fetch")
    if not wrong and "view" not in _named(answer):
        wrong = "answers something else than the site sends"
    if not wrong:
        return None
    return error(
        _LOOK,
        f"The bootstrap {_path(answer)} {wrong}: every page view stays unknown, and baits and "
        "report cannot be looked at.",
        _mend(visit),
    )


def _stale(visit: Visit, answer: Answer, view: str) -> Finding | None:
    """Hold the echo against the id that was sent."""
    if _named(answer).get("view") == view:
        return None
    return error(
        _LOOK,
        f"The bootstrap {_path(answer)} comes from a cache: it answers with the id of another "
        "view, so every page view but the first stays unknown.",
        _uncached(visit),
    )


def _uncached(visit: Visit) -> str:
    return (
        "Let no cache keep what says no-store. nginx: no proxy_ignore_headers Cache-Control, or "
        f"location ^~ {visit.tag.folder} {{ proxy_pass http://your-app; proxy_cache off; }}"
    )


def _without_baits(visit: Visit, told: dict[str, object]) -> Finding | None:
    if all(isinstance(told.get(key), kind) for key, kind in _NEEDED.items()) and all(
        map(_is_bait, cast("list[object]", told["baits"]))
    ):
        return None
    if visitor(visit.web.user_agent).bot:
        return warning(
            _LOOK,
            "The bootstrap brings no baits for this user agent, which is a robot's: baits and "
            "report were not looked at.",
            "Leave --user-agent out, or give a browser's.",
        )
    return error(
        _LOOK,
        "The bootstrap brings no token and no baits, as for a robot.",
        "Pass the browser's User-Agent on to the app (nginx: no proxy_set_header User-Agent), and "
        "look with the version of adblock-detector that the site runs.",
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
        _LOOK, f"The bootstrap {_path(answer)} says that it comes from a cache.", _uncached(visit)
    )


def _kept(answer: Answer) -> Finding | None:
    told = ",".join(all_of(answer.headers, "cache-control"))
    if "no-store" in words(told):
        return None
    return warning(
        _LOOK,
        f"The bootstrap comes with Cache-Control: {told or 'nothing'} rather than no-store, so a "
        "cache may keep it.",
        "Keep the app's own header (nginx: no expires and no proxy_hide_header there).",
    )
