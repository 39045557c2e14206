"""Holds what a site serves against filter lists that the owner names (extra [baits])."""

from __future__ import annotations

from collections.abc import Sequence

from detector.baits.fetch import ListError, read_all
from detector.baits.judge import Judge
from detector.doctor.bait_looks import name
from detector.doctor.fetching import DoctorError
from detector.doctor.findings import Finding, error, ok, warning
from detector.doctor.visit import Visit


def open_lists(files: Sequence[str]) -> Judge:
    """Read the lists; raises DoctorError with what is wrong, the missing extra among it."""
    try:
        return Judge(read_all(files))
    except ListError as problem:
        raise DoctorError(f"--lists: {problem}") from None


def served(visit: Visit, judge: Judge) -> Finding:
    """Say whether a list hits a name that is no bait."""
    hit = []
    asked = _served(visit)
    for url, kind in asked:
        if judge.together.hits(url, visit.page.url, kind):
            marks = judge.request(url, kind).hits
            hit.append(f"{url} by " + (", ".join(f"{m.list}:{m.line}" for m in marks) or "a list"))
    words = {str(one.data["e"][0]) for one in visit.controls if one.data.get("e")}
    hit += [f"the element {one}" for one in judge.together.hides(words, words)]
    if not hit:
        count = len(asked) + len(words)
        return ok("names", f"None of {count} served names is hit by the lists.")
    return error(
        "names",
        f"The lists hit {len(hit)} served names by mistake: {'; '.join(hit)}.",
        "Set another secret and keep this one in previous_secrets; or, where a list names your "
        "site, ask its makers.",
    )


def live(visit: Visit, judge: Judge) -> Finding | None:
    """Say whether the lists act on the baits of the day."""
    asked = [one for one in visit.baits if not one.control]
    dead = [
        name(one.path)
        for one in asked
        if not judge.together.hits(one.answer.url, visit.page.url, _kind(one.type))
    ]
    if not asked:
        return None
    if len(dead) * 4 > len(asked):
        return warning(
            "live",
            f"{len(dead)} of {len(asked)} baits of the day are not hit: {', '.join(dead)}.",
            "Name every default list; then: detector baits check, and a new pool by "
            "detector baits pick.",
        )
    return ok("live", f"{len(asked) - len(dead)} of {len(asked)} baits of the day are hit.")


def _served(visit: Visit) -> list[tuple[str, str]]:
    urls = [(visit.script.url, "script")]
    if visit.front:
        urls.append((visit.front.url, "script"))
    urls += [(one.answer.url, "xmlhttprequest") for one in visit.controls]
    kinds = {"a": "script", "n": "script", "c": "xmlhttprequest"}
    urls += [(answer.url, kinds[key]) for key, answer in visit.files.items()]
    if visit.report:
        urls.append((visit.report.url, "ping"))
    urls += [(one.answer.url, _kind(one.type)) for one in visit.baits if one.control]
    return urls


def _kind(kind: str) -> str:
    return {"fetch": "xmlhttprequest"}.get(kind, kind)
