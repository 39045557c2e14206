"""Which modes a site's options can lead to, by which option, and on which devices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from detector.core.vocabulary import DEVICES, KINDS_OR_UNSURE

if TYPE_CHECKING:
    from detector.core.config.options import Config


@dataclass(frozen=True, slots=True)
class Use:
    """A mode that some visitors get: the option that sets it, and their possible devices."""

    where: str
    mode: str
    devices: tuple[str, ...]


def uses(config: Config) -> list[Use]:
    """Return every mode that a visitor may get, in the order of the options.

    Modes that a page sets itself, by a template's flag or in code, are not known here.
    """
    found: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for where, mode in _bases(config):
        for device in DEVICES:
            for kind in KINDS_OR_UNSURE:
                for reached in _reached(config, where, mode, device, kind):
                    found[reached].add(device)
    return [
        Use(*reached, tuple(device for device in DEVICES if device in devices))
        for reached, devices in found.items()
    ]


def _bases(config: Config) -> list[tuple[str, str]]:
    """Return the modes for views that match no rule: the variants' own, else the option's."""
    if not config.variants:
        return [("notice", config.notice)]
    return [
        (f"variants[{place}]", one["notice"]) if "notice" in one else ("notice", config.notice)
        for place, one in enumerate(config.variants)
    ]


def _reached(
    config: Config, where: str, mode: str, device: str, kind: str
) -> Iterator[tuple[str, str]]:
    for place, rule in enumerate(config.notice_rules):
        if device not in (rule.get("devices") or DEVICES):
            continue
        if kind not in (rule.get("kinds") or KINDS_OR_UNSURE):
            continue
        yield f"notice_rules[{place}]", rule["notice"]
        # A rule for all paths leaves none for the rules after it.
        if not rule.get("paths"):
            return
    yield where, mode
