"""Every bait and control of the day: checks that each arrives with the content that proves it."""

from __future__ import annotations

import re
import struct
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from detector.core.bootstrap import BAIT_TYPES
from detector.core.served_names import ALPHABET
from detector.doctor.findings import Finding, error, ok, warning
from detector.doctor.visit import Visit, front_server, trouble
from detector.doctor.web import Answer

_CHECK = "baits"
_WORD = re.compile(rf"[{ALPHABET}]{{8}}")
_PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class Tried:
    """One bait or control that was requested; `wrong` is empty when it proved itself.

    `bare` means that its headers have lost the proof, by which HEAD shows who answers.
    """

    kind: str
    path: str
    control: bool
    wrong: str
    unsure: bool = False
    bare: bool = False

    @property
    def name(self) -> str:
        """Return the path as it is written in the pool and in the option without_baits."""
        return _WORD.sub("{w}", self.path.removesuffix("?"))


def arrive(visit: Visit, baits: list[list[object]]) -> list[Finding]:
    """Request all baits and their controls, and report those that do not prove themselves."""
    wanted = {
        str(path): (BAIT_TYPES[int(str(bait[0]))], number == 3)
        for bait in baits
        for number, path in ((2, bait[2]), (3, bait[3]))
    }

    def one(path: str) -> Tried:
        kind, control = wanted[path]
        answer = visit.ask(visit.at(path + visit.bootstrap["token"]), kind)
        wrong = trouble(answer, kind)
        unsure = False
        if not wrong:
            unsure = kind == "image" and _converted(answer)
            wrong = "" if unsure else _unproven(answer, kind, visit.bootstrap)
        proof = str(visit.bootstrap["proof"])
        bare = not (wrong or unsure or any(proof in value for _, value in answer.headers))
        return Tried(kind, path, control, wrong, unsure, bare)

    # As many at once as a browser requests, so that no rate limit is hit that visitors do not hit.
    with ThreadPoolExecutor(4) as together:
        tried = list(together.map(one, wanted))
    found = [finding for look in (_lost, _images, _bare) if (finding := look(visit, tried))]
    count = sum(not one.control for one in tried)
    return found or [
        ok(
            _CHECK,
            f"All {count} baits of the day arrive and prove themselves, as do their controls.",
        )
    ]


def _unproven(answer: Answer, kind: str, bootstrap: dict[str, object]) -> str:
    proof = str(bootstrap["proof"])
    if kind == "image":
        body = answer.body
        width = struct.unpack(">I", body[16:20])[0] if body[:8] == _PNG and len(body) > 24 else 0
        proven = width == bootstrap["image_width"]
    elif kind == "script":
        proven = proof in answer.body.decode("latin-1")
    else:
        proven = answer.body.decode("latin-1").split(",")[0] == proof
    return "" if proven else "arrives with different content"


def _converted(answer: Answer) -> bool:
    """Whether an image arrived in another format, whose width cannot be read here."""
    return answer.type.startswith("image/") and not answer.body.startswith(_PNG)


def _images(visit: Visit, tried: list[Tried]) -> Finding | None:
    unsure = sum(one.unsure for one in tried)
    if not unsure:
        return None
    return warning(
        _CHECK,
        f"{unsure} image baits and controls were converted to another format on the way.",
        "Switch image optimisers off below this folder: they may change an image's width, "
        f"which is its proof. {front_server(visit)}",
    )


def _bare(visit: Visit, tried: list[Tried]) -> Finding | None:
    bare = sum(one.bare for one in tried)
    if not bare:
        return None
    return warning(
        _CHECK,
        f"{bare} baits and controls arrive without the parameter v of their Content-Type, so a "
        "blocker that only stops requests looks like a network's device: unreachable.",
        f"Pass this header on as it is below this folder. {front_server(visit)}",
    )


def _lost(visit: Visit, tried: list[Tried]) -> Finding | None:
    lost = [one for one in tried if one.wrong]
    if not lost:
        return None
    baits = [one for one in lost if not one.control]
    controls = [one for one in lost if one.control]
    if len(lost) == len(tried):
        who = "No bait and no control arrives"
    elif not controls:
        who = f"{len(baits)} baits do not arrive, their controls do"
        who = who if len(baits) > 1 else "1 bait does not arrive, its control does"
    else:
        who = f"{len(baits)} baits and {len(controls)} controls do not arrive"
    why = sorted({one.wrong for one in lost})
    named = ", ".join(one.name for one in baits) or ", ".join(one.path for one in controls)
    return error(_CHECK, f"{who} ({'; '.join(why[:3])}): {named}.", _fix(visit, tried, lost))


def _fix(visit: Visit, tried: list[Tried], lost: list[Tried]) -> str:
    names = [one.name for one in lost if not one.control]
    cause = "Pass everything below this folder to the app"
    endings = {_ending(one) for one in lost}
    if len(endings) == 1 and all(one in lost for one in tried if _ending(one) in endings):
        cause = f"Something in front of the app handles every path that ends in {endings.pop()}: "
        cause += "exclude this folder"
    elif not any(one.control for one in lost):
        cause = (
            "Something in front of the app refuses names that look like ads: exclude this folder"
        )
    out = f"{cause}. {front_server(visit)}"
    if names and not any(one.control for one in lost):
        out += f" Or switch these baits off: without_baits = {names!r}"
    return out


def _ending(one: Tried) -> str:
    file = one.path.partition("?")[0].rpartition("/")[2]
    return file[file.rfind(".") :] if "." in file else "no extension"
