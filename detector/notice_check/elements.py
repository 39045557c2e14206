"""The elements that the notice adds to a page, as filter lists see them: names and attributes.

Kept correct by e2e/notice/test_footprint.py, which inspects the real notice in every mode.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from detector.core.vocabulary import TABLE_OF_MODES

STATES: Final = ("open", "told", "over")
"""Classes that the card gets while it is in use."""


@dataclass(frozen=True, slots=True)
class Element:
    """One element; `within` means that it is not in the notice's shadow tree but on the page."""

    tag: str
    names: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    within: bool = False

    def has(self) -> dict[str, str]:
        """Return its attributes, including classes and parts."""
        if not self.names:
            return self.attributes
        own = {"class": self.names} | ({} if self.within else {"part": self.names})
        return own | self.attributes


def _card(shape: str) -> Element:
    dialog = "middle" in shape
    extra = {"open": ""} if dialog else {"role": "region", "popover": "manual"}
    about = {"lang": "en", "dir": "ltr", "aria-label": "", "style": "--notice-ink: #1b1a18;"}
    return Element("dialog" if dialog else "div", f"card {shape}", about | extra)


_BUTTON: Final = {"type": "button", "hidden": ""}
ELEMENTS: Final = (
    Element("div", within=True),
    Element("div", "in", {"style": "--room: 250px;"}, within=True),
    *(_card(mode.card) for mode in TABLE_OF_MODES if mode.card),
    *(Element("div", f"card corner {state}", {"role": "region"}) for state in STATES),
    Element("img", "logo", {"src": "", "alt": ""}),
    Element("h2", "title", {"tabindex": "-1"}),
    Element("p", "text"),
    Element("span", "said", {"aria-hidden": "true"}),
    Element("div", "steps", {"hidden": "", "style": "padding-block-end: 14px;"}),
    *(Element("div", name) for name in ("foot", "actions")),
    Element("p", "lead", {"tabindex": "-1"}),
    Element("p", "then", {"style": "margin: 0px;"}),
    Element("p", "status", {"role": "status"}),
    Element("h3", "name"),
    Element("details", "more"),
    *(Element(tag) for tag in ("ol", "li", "p", "summary")),
    Element("ul", attributes={"style": "margin: 0px; padding-inline-start: 1.3em;"}),
    Element("button", "button strong", {**_BUTTON, "aria-expanded": "false", "autofocus": ""}),
    Element("button", "button plain", _BUTTON),
    Element("button", "button quiet", {**_BUTTON, "title": "We will not ask again for 7 days."}),
    Element("button", "button quiet wrong", _BUTTON),
    Element("button", "button close", {**_BUTTON, "aria-label": "Close"}),
    Element("a", "button way", {"href": "/"}),
)

NAMES: Final = frozenset(name for one in ELEMENTS for name in one.names.split())
"""Every class and part."""

_VALUE = r"""(?:"([^"]*)"|'([^']*)'|([^\s\]"']*))"""
_PART = rf"([.#])([\w-]+)|\[\s*([\w-]+)\s*(?:([~|^$*]?)=\s*{_VALUE}\s*(i?))?\s*\]"
_STEP: Final = re.compile(_PART)
_COMPOUND: Final = re.compile(
    rf"(?P<tag>[A-Za-z][\w-]*|\*)?(?P<steps>(?:{_PART})*)(?P<nots>(?::not\([^()]*\))*)"
)
_ABOVE: Final = re.compile(r"\s*(?:html|body|\*)?(?:\s*>\s*|\s+)")


def hidden_by(selector: str) -> Element | None:
    """Return the first element that a list's selector matches, if any; also for `body > div`.

    Other selectors with combinators, and pseudo-classes except :not(), match nothing here.
    """
    for one in re.split(r",(?![^(\[]*[)\]])", selector):
        text = one.strip()
        while above := _ABOVE.match(text):
            text = text[above.end() :]
        for element in ELEMENTS:
            if text and _fits(text, element):
                return element
    return None


def _fits(text: str, element: Element) -> bool:
    match = _COMPOUND.fullmatch(text)
    if not match:
        return False
    tag = match["tag"]
    if tag and tag not in ("*", element.tag):
        return False
    has = element.has()
    if not all(_holds(step, has) for step in _STEP.finditer(match["steps"])):
        return False
    nots = re.findall(r":not\(([^()]*)\)", match["nots"])
    return not any(_fits(part.strip(), element) for no in nots for part in no.split(","))


def _holds(step: re.Match[str], has: dict[str, str]) -> bool:
    sign, name, attribute, how, *values, fold = step.groups()
    if sign:
        return name in has.get("class" if sign == "." else "id", "").split()
    if attribute not in has:
        return False
    value = next((one for one in values if one is not None), None)
    if value is None:
        return True
    found = has[attribute]
    if fold:
        found, value = found.lower(), value.lower()
    return {
        "": found == value,
        "~": value in found.split(),
        "|": found == value or found.startswith(value + "-"),
        "^": bool(value) and found.startswith(value),
        "$": bool(value) and found.endswith(value),
        "*": bool(value) and value in found,
    }[how]
