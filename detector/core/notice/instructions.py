"""The bootstrap's part about the notice: whether it is shown, in which mode, and how often."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from detector.core.assets import script
from detector.core.config.notice_options import bundle
from detector.core.notice.modes import Rule, choose
from detector.core.vocabulary import KINDS_OR_UNSURE

if TYPE_CHECKING:
    from detector.core.config.options import Config
    from detector.core.html.headers import RequestHeaders
    from detector.core.html.page_flags import PageFlags
    from detector.core.served_names import ServedNames

HELD = "-"
"""What a page gets for a mode where a variant is held out, as static/src/followup.js knows it."""

Modes = str | dict[str, str]
"""One mode for all kinds, or a mode for each."""


def notice_instructions(
    config: Config,
    names: ServedNames,
    rules: tuple[Rule, ...],
    flags: PageFlags,
    device: str,
    headers: RequestHeaders,
    view: str,
    *,
    keeps: bool,
) -> dict[str, Any]:
    """Return what the page needs to know; without the notice's URLs if it is to show nothing.

    The names are those of `bootstrap.KEYS`. `keeps`: whether the page may keep anything.
    """
    # What the notice of another page left there waits for the next view, whether that asks or not.
    asks = config.variants or rules or config.notice != "none"
    silent = {"storage_key": names.storage_key} if keeps and asks else {}
    if headers.get("save-data") == "on" and not config.save_data:
        return silent
    # Other digits of the random id than those that select the share of views.
    if int(view[:4]) >= config.notice_share * 10_000:
        return silent

    def modes(notice: str) -> Modes:
        if flags.notice:
            return flags.notice
        return _short(choose(notice, rules, flags.rules, device))

    out: dict[str, Any]
    shown = [each for each in config.variants if not is_held_out(each)]
    found = {each["name"]: modes(each.get("notice", config.notice)) for each in shown}
    every = list(found.values()) or [modes(config.notice)]
    if config.variants:
        held = _held(every)
        own = _own_rules(config, shown) if keeps else {}
        out = {
            "variants": [
                [name, each.get("weight", 1), found.get(name, held), *own.get(name, ())]
                for each in config.variants
                for name in [each["name"]]
            ]
        }
    else:
        out = {"modes": every[0]}
    away = config.unreachable_notice and flags.notice != "none"
    if not away and all(each == "none" for each in every):
        return silent
    ads = config.ask_where == "ads"
    on = {"unreachable_notice": away, "ask_partial": config.ask_partial, "ask_where": ads}
    out |= {name: 1 for name, is_on in on.items() if is_on}
    if keeps:
        out["frequency"] = _frequency(config, shown)
    file = bundle(config)
    out["notice_url"] = names.script(file, script(file).content_hash)
    return out | {"texts_url": names.texts, "storage_key": names.storage_key}


def is_held_out(variant: Mapping[str, Any]) -> bool:
    """Whether a variant of the option `variants` never shows the notice: its own mode is none."""
    return variant.get("notice") == "none"


def _rules(config: Config, variant: Mapping[str, Any]) -> list[int]:
    """Return from which blocked view, every which, and whether once a session."""
    options = ("from_view", "every", "once_a_session")
    return [int(variant.get(name, getattr(config, name))) for name in options]


def _own_rules(config: Config, shown: list[Mapping[str, Any]]) -> dict[str, tuple[list[int]]]:
    """Return the rules of each variant by name where they differ; what is held out has none."""
    own = {each["name"]: (_rules(config, each),) for each in shown}
    return own if len({tuple(rules) for (rules,) in own.values()}) > 1 else {}


def _frequency(config: Config, shown: list[Mapping[str, Any]]) -> list[int]:
    """Return the rules of the views on which a variant is drawn, and by which others are shown.

    Where variants have different ones, that is any view on which one of them could be shown, so
    that the same sessions belong to each.
    """
    own = [_rules(config, each) for each in shown] or [_rules(config, {})]
    if all(rules == own[0] for rules in own):
        return own[0]
    return [min(first for first, _, _ in own), 1, min(once for _, _, once in own)]


def _held(every: list[Modes]) -> Modes:
    """Return the modes of a variant that is held out, by those of all others.

    HELD stands where one of them shows the notice, so that the same views belong to the test.
    """
    each = [dict.fromkeys(KINDS_OR_UNSURE, one) if isinstance(one, str) else one for one in every]
    return _short(
        {
            kind: "none" if all(modes[kind] == "none" for modes in each) else HELD
            for kind in KINDS_OR_UNSURE
        }
    )


def _short(modes: dict[str, str]) -> Modes:
    return modes[KINDS_OR_UNSURE[0]] if len(set(modes.values())) == 1 else modes
