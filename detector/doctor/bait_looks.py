"""What the doctor says about baits and their controls: one function for each finding."""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence

from detector.doctor import layers
from detector.doctor.fetching import Answer
from detector.doctor.findings import Finding, error, ok, warning
from detector.doctor.layers import Cause
from detector.doctor.visit import Asked, Visit
from detector.names import ALPHABET

_WORD = re.compile(rf"(?<![A-Za-z0-9])[{ALPHABET}]{{8}}(?![A-Za-z0-9])")


def name(path: str) -> str:
    """Name a bait as the option `without_baits` does: the same on every site and every day."""
    return _WORD.sub("{w}", path)


def is_proven(answer: Answer, kind: str, proof: str, width: int) -> bool:
    """Say whether an answer has the content that the script takes for an arrival."""
    if answer.status != 200:
        return False
    if kind == "script":
        return f'document.currentScript.x="{proof}"'.encode() in answer.body
    if kind == "fetch":
        return answer.body.startswith(proof.encode())
    if answer.body[:8] != b"\x89PNG\r\n\x1a\n" or len(answer.body) < 24:
        return False
    return bool(struct.unpack(">I", answer.body[16:20])[0] == width)


def _fails(asked: Asked) -> bool:
    return not is_proven(asked.answer, asked.type, asked.proof, asked.width)


def baits(visit: Visit, cause: Cause) -> Finding | None:
    """Say whether every bait comes with the content that proves it."""
    return _come(visit, cause, "baits", [one for one in visit.baits if not one.control])


def controls(visit: Visit, cause: Cause) -> Finding | None:
    """Say whether every bait's control comes with the content that proves it."""
    return _come(visit, cause, "controls", [one for one in visit.baits if one.control])


def _come(visit: Visit, cause: Cause, what: str, asked: Sequence[Asked]) -> Finding | None:
    if not asked:
        return None
    failing = [one for one in asked if _fails(one)]
    if not failing:
        return ok(what, f"All {len(asked)} {what} of the day come with the content that is theirs.")
    count = f"{len(failing)} of {len(asked)} {what}"
    if what == "baits":
        count += " (" + ", ".join(name(one.path) for one in failing) + ")"
    answers = [one.answer for one in failing]
    if all(map(layers.is_own, answers)):
        return error(
            what,
            f"The detector itself does not know the token of {count}.",
            "Give every worker the same secret, a right clock, and let query strings pass.",
        )
    refused = [answer for answer in answers if layers.is_refused(answer)]
    if not refused:
        return error(
            what,
            f"{count} come with other content than the detector sends.",
            "Keep caches that leave the query out, minifiers and image optimisers from "
            f"{visit.prefix}*.",
        )
    return error(
        what, f"{count} do not come: {layers.owners(refused)}.", cause.mend + _off(failing)
    )


def _off(failing: Sequence[Asked]) -> str:
    names = [name(one.path) for one in failing if not one.control]
    if not names:
        return ""
    listed = ", ".join(f'"{one}"' for one in names)
    return f". Where that cannot be, switch them off: without_baits = [{listed}]"


def fresh(visit: Visit) -> Finding | None:
    """Say whether each view gets its own answer for a bait."""
    stale = [
        one
        for one in visit.baits
        if one.again
        and not _fails(one)
        and one.again[2].status == 200
        and not is_proven(one.again[2], one.type, one.again[0], one.again[1])
        and is_proven(one.again[2], one.type, one.proof, one.width)
    ]
    if not stale:
        return None
    return error(
        "bait-cache",
        f"A cache answers baits and controls with another view's content ({len(stale)} of those "
        "asked twice).",
        f"Keep every cache from {visit.prefix}*, or let its key hold the query string.",
    )


def head(visit: Visit, cause: Cause) -> Finding | None:
    """Say whether HEAD passes: the script tells a refusal from a block by it."""
    asked = [one for one in visit.baits if one.head and not layers.is_refused(one.answer)]
    if not asked:
        return None
    refused = [one.head for one in asked if one.head and one.head.status != 200]
    if not refused:
        return ok("head", "HEAD requests, which tell a refusal from a block, pass.")
    if all(not 400 <= answer.status <= 599 for answer in refused):
        return warning(
            "head",
            f"HEAD on {len(refused)} of {len(asked)} baits: {layers.owners(refused)}.",
            f"Let HEAD pass to the app on {visit.prefix}*, as GET does.",
        )
    return error(
        "head",
        f"HEAD is refused on {len(refused)} of {len(asked)} baits: {layers.owners(refused)}. "
        "A real block is then taken for a refusal.",
        f"Let HEAD pass to the app on {visit.prefix}*, as GET does "
        "(nginx: no limit_except without HEAD).",
    )
