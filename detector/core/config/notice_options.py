"""The options of the notice: names, defaults and documentation, each with its check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from detector.core.config.option import option
from detector.core.config.validators import check_bool, check_mode, check_number, check_one_of
from detector.core.texts.locales import LOCALES
from detector.core.vocabulary import MODES

_COUNT = check_number(1, 100, whole=True)
_ASKING = [mode for mode in MODES if mode != "none"]


# Config, the only subclass, gets all methods anew; made here too, they would cost every start.
@dataclass(frozen=True, slots=True, kw_only=True, init=False, repr=False, eq=False)
class NoticeOptions:
    """How, to whom, how often and with which texts the notice is shown."""

    notice: str = option(
        "corner",
        f"How the notice stands on the page: {', '.join(_ASKING)}, or none (measure only).",
        check_mode,
    )
    notice_rules: tuple[Mapping[str, Any], ...] = option(
        (),
        "Other modes for some pages and visitors; the first matching rule applies: "
        '[{"paths": ["/shop/*"], "devices": ["phone"], "kinds": ["browser"], "notice": "none"}].',
        "check_rules",
    )
    from_view: int = option(
        2, "The notice is shown from this blocked view of a visitor on, 1 to 100.", _COUNT
    )
    every: int = option(1, "After that, it is shown on every n-th blocked view, 1 to 100.", _COUNT)
    once_a_session: bool = option(
        True, "False allows showing it again within one browser session.", check_bool
    )
    notice_share: float = option(
        1.0, "The share of blocked views that may show it, 0.0001 to 1.", check_number(0.0001, 1)
    )
    save_data: bool = option(
        False, "True shows the notice also to visitors whose browser asks to save data.", check_bool
    )
    quiet_days: tuple[int, int] = option(
        (7, 30),
        'Days without a notice after "Not now", and from the third time on.',
        "check_quiet_days",
    )
    auto_reload: bool = option(
        False,
        'True reloads the page, once, if ads are still blocked after "I have allowed ads".',
        check_bool,
    )
    unreachable_notice: bool = option(
        False,
        "True shows a message in an empty ad's place when ads do not arrive and nothing blocks on "
        "the page; it blames no software.",
        check_bool,
    )
    ask_partial: bool = option(
        False,
        "True also asks in the state partial: ads arrive although something acts.",
        check_bool,
    )
    ask_where: str = option(
        "everywhere",
        "The pages that ask: everywhere, or ads (those that request an ad or have a slot for one).",
        check_one_of("everywhere", "ads"),
    )
    links: Mapping[str, str] | None = option(
        None,
        'Other ways to support you: {"subscribe": "/subscribe", "donate": "/donate", '
        '"support": "https://…"}.',
        "check_links",
    )
    redirect_url: str = option("", "The target of the mode redirect.", "check_place")
    blur: str = option(
        "",
        "CSS selector of what is blurred behind a soft or hard wall; empty: nothing.",
        "check_selector",
    )
    noscript: bool = option(
        False, "True shows visitors without JavaScript one line above the page.", check_bool
    )
    look: Mapping[str, str] | None = option(
        None,
        'The notice\'s theme: {"theme": "dark", "accent": "#b00020", "logo": "/logo.svg"}; also '
        "ink, paper, soft, line, edge, ring, font, title_font, radius, logo_alt.",
        "check_look",
    )
    template: str = option(
        "",
        "CSS selector of a <template> on your pages that replaces the built-in card.",
        "check_selector",
    )
    preset: str = option(
        "newspaper",
        "The notice's title and body: newspaper, warm, short, formal or nonprofit, "
        f"in {len(LOCALES)} languages.",
        "check_preset",
    )
    locale: str = option(
        "en",
        "The notice's language if neither the page's lang nor the visitor's browser decides it.",
        "check_locale",
    )
    texts: Mapping[str, Mapping[str, str]] | None = option(
        None,
        'The notice\'s texts in your own words, by language: {"en": {"title": "…", "body": "…"}}.',
        "check_texts",
    )
    variants: tuple[Mapping[str, Any], ...] = option(
        (),
        "Modes, presets, texts or frequencies to compare, by weight; a mode none holds out: "
        '[{"name": "a", "weight": 1}, {"name": "b", "preset": "warm", '
        '"texts": {"en": {"title": "…"}}}].',
        "check_variants",
    )


def used_modes(options: NoticeOptions) -> set[str]:
    """Return every mode that the options may select."""
    found = {options.notice, *(entry["notice"] for entry in options.notice_rules)}
    return found | {entry["notice"] for entry in options.variants if "notice" in entry}


def bundle(options: NoticeOptions) -> str:
    """Return which of the notice's scripts the options need.

    Each of notice, plus and own includes the one before.
    """
    if options.template:
        return "own"
    slots = "slot" in used_modes(options) or options.unreachable_notice
    return "plus" if slots or options.blur else "notice"
