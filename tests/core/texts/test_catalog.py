"""Guides whose translation lacks a part, which none of ours does: they stay English as a whole."""

from __future__ import annotations

from gettext import NullTranslations

import pytest

from detector.core.texts import catalog
from detector.core.texts.steps import BRANDS, Guide

BRAND = min(BRANDS)


class Half(NullTranslations):
    """A translation that writes all in capitals, but for some texts."""

    def __init__(self, *lacks: str) -> None:
        super().__init__()
        self.lacks = lacks

    def pgettext(self, context: str, message: str) -> str:
        """Return the text in capitals."""
        return message if message in self.lacks else message.upper()


@pytest.mark.parametrize(
    ("name", "lacks", "wanted"),
    [
        ("Any", (), ("ANY", ["OPEN IT.", "TURN IT OFF."], True)),
        ("Any", ("Turn it off.",), ("Any", ["Open it.", "Turn it off."], False)),
        ("Any", ("Any",), ("Any", ["Open it.", "Turn it off."], False)),
        (BRAND, (), (BRAND, ["OPEN IT.", "TURN IT OFF."], True)),
    ],
)
def test_guides(
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    lacks: tuple[str, ...],
    wanted: tuple[str, list[str], bool],
) -> None:
    """A guide half in another language would not help; the name of a brand is never translated."""
    monkeypatch.setattr(catalog, "_read", lambda locale: Half(*lacks))
    assert catalog.guide("xx", Guide("x", name, ("Open it.", "Turn it off."))) == wanted
