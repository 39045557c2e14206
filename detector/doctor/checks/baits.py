"""Every bait and control of the day: does each arrive with the content that proves itself."""

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

_LOOK = "baits"
_WORD = re.compile(rf"[{ALPHABET}]{{8}}")
_PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class Tried:
    """One bait or control that was asked for; `wrong` is empty when it proved itself."""

    kind: str
    path: str
    control: bool
    wrong: str
    unsure: bool = False

    @property
    def name(self) -> str:
        """Return the path as the pool and the option without_baits have it."""
        return _WORD.sub("{w}", self.path.removesuffix("?"))


def arrive(visit: Visit, baits: list[list[object]]) -> list[Finding]:
    """Ask for all baits and their controls, and say which do not prove themselves."""
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
        return Tried(kind, path, control, wrong, unsure)

    # As many at once as a browser asks for, so that no limit of rates is met that people do not.
    with ThreadPoolExecutor(4) as together:
        tried = list(together.map(one, wanted))
    found = [finding for look in (_lost, _images) if (finding := look(visit, tried))]
    count = sum(not one.control for one in tried)
    return found or [
        ok(
            _LOOK,
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
    return "" if proven else "arrives with another content"


def _converted(answer: Answer) -> bool:
    """Whether an image came in another format, whose width cannot be read here."""
    return answer.type.startswith("image/") and not answer.body.startswith(_PNG)


def _images(visit: Visit, tried: list[Tried]) -> Finding | None:
    unsure = sum(one.unsure for one in tried)
    if not unsure:
        return None
    return warning(
        _LOOK,
        f"{unsure} image baits and controls were turned into another format on their way.",
        "Switch image optimisers off below this folder: they may change an image's width, "
        f"which is its proof. {front_server(visit)}",
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
    else:
        who = f"{len(baits)} baits and {len(controls)} controls do not arrive"
    why = sorted({one.wrong for one in lost})
    named = ", ".join(one.name for one in baits) or ", ".join(one.path for one in controls)
    return error(_LOOK, f"{who} ({'; '.join(why[:3])}): {named}.", _mend(visit, tried, lost))


def _mend(visit: Visit, tried: list[Tried], lost: list[Tried]) -> str:
    names = [one.name for one in lost if not one.control]
    cause = "Let everything below this folder reach the app"
    endings = {_ending(one) for one in lost}
    if len(endings) == 1 and all(one in lost for one in tried if _ending(one) in endings):
        cause = f"Something before the app takes every path that ends in {endings.pop()}: except "
        cause += "this folder"
    elif not any(one.control for one in lost):
        cause = "Something before the app refuses names like those of ads: except this folder"
    out = f"{cause}. {front_server(visit)}"
    if names and not any(one.control for one in lost):
        out += f" Or switch these baits off: without_baits = {names!r}"
    return out


def _ending(one: Tried) -> str:
    file = one.path.partition("?")[0].rpartition("/")[2]
    return file[file.rfind(".") :] if "." in file else "no ending"
