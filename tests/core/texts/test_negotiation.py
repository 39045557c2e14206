"""A visitor's language: the page's, then the browser's, then the site's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.core.texts.locales import LOCALES
from detector.core.texts.negotiation import choose, direction, known, nearest


@pytest.mark.parametrize(
    ("tag", "locale"),
    [
        ("de", "de"),
        ("DE", "de"),
        ("de-AT", "de"),
        ("de_CH", "de"),
        ("en-GB-oxendict", "en"),
        ("pt", "pt-BR"),
        ("pt-BR", "pt-BR"),
        ("PT-br", "pt-BR"),
        ("pt-PT", "pt-PT"),
        ("pt-AO", "pt-PT"),
        ("pt-Latn-MZ", "pt-PT"),
        ("pt-Latn", "pt-BR"),
        ("zh", "zh-Hans"),
        ("zh-CN", "zh-Hans"),
        ("zh-SG", "zh-Hans"),
        ("zh-TW", "zh-Hant"),
        ("zh-HK", "zh-Hant"),
        ("zh-MO", "zh-Hant"),
        ("zh-Hant", "zh-Hant"),
        ("zh_Hant_CN", "zh-Hant"),
        ("zh-Hans-HK", "zh-Hans"),
        ("cmn-Hans", "zh-Hans"),
        ("no", "nb"),
        ("nn-NO", "nb"),
        ("nb-NO", "nb"),
        ("iw", "he"),
        ("in", "id"),
        ("fa-AF", "fa"),
        # Serbian is not supported, in either script, and must not become Croatian or Russian.
        ("sr", None),
        ("sr-Cyrl-RS", None),
        ("sr-Latn", None),
        ("ur", None),
        ("tlh", None),
        ("", None),
        ("*", None),
        ("d", None),
        ("de-", None),
        ("de--AT", None),
        ("../de", None),
        ("x" * 5000, None),
    ],
)
def test_tags(tag: str, locale: str | None) -> None:
    """A language tag maps to the locale of its language and region, or to none."""
    assert known(tag) == locale


@pytest.mark.parametrize("locale", LOCALES)
def test_each_locale_is_its_own_answer(locale: str) -> None:
    """Every supported locale can be requested by its name."""
    assert known(locale) == locale


@pytest.mark.parametrize(
    ("page", "accepted", "default", "locale"),
    [
        ("de-AT", "fr", "es", "de"),
        (" de ", "fr", "es", "de"),
        ("", "fr-CA,fr;q=0.9", "es", "fr"),
        ("sr", "hu;q=0.5, sk", "es", "sk"),
        ("sr-Latn", "sr", "es", "es"),
        ("", "", "pt-PT", "pt-PT"),
        ("", "*", "ja", "ja"),
        ("", "en;q=0.2, de;q=0.8, fr;q=0.4", "es", "de"),
        ("", "en;q=0, de;q=0.1", "es", "de"),
        ("", "de;q=0", "es", "es"),
        ("", "it, de", "es", "it"),
        ("", "de;q=0.5,it;q=0.5", "es", "de"),
        ("", "de;q=high, it;q=0.1", "es", "it"),
        ("", "de;level=1, it;q=0.1", "es", "it"),
        ("", "de ; q=0.5 , it ; q=0.7", "es", "it"),
        ("", ";;;,,,q=1", "es", "es"),
        ("", "xx," * 1000 + "de", "es", "es"),
        ("zh-TW", "zh-CN", "en", "zh-Hant"),
        ("", "zh-TW,zh;q=0.9,en;q=0.8", "en", "zh-Hant"),
        ("", "pt-AO,pt;q=0.9", "en", "pt-PT"),
        ("", "", "tlh", "en"),
        # A quality is at most 1, as that which is missing; its name may be in either case.
        *(("", "it;q=1.0, de;q=1.9", "es", "it"), ("", "de;q=1,it", "es", "de")),
        *(("", "de; Q= 0.5, it;q=0.7", "es", "it"), ("", "de;q=0.123, it;q=0.122", "es", "de")),
        ("", "de;level, it;q=0.1", "es", "it"),
        *(("", "de;q=, it;q=0.1", "es", "it"), ("", "de;q=2, it;q=0.1", "es", "it")),
        # Twenty tags of 500 characters are read.
        *(("", "xx," * 19 + "de", "es", "de"), ("", "xx," * 20 + "de", "es", "es")),
        ("", "de".rjust(500), "es", "de"),
        ("", "de".rjust(501), "es", "es"),
    ],
)
def test_negotiation(page: str, accepted: str, default: str, locale: str) -> None:
    """The page comes first, then the visitor by weight, then the option; bad values are ignored."""
    assert choose(page, accepted, default) == locale


@given(st.text(max_size=60), st.text(max_size=700))
def test_whatever_comes_a_locale_goes(page: str, accepted: str) -> None:
    """No header value raises an error."""
    assert choose(page, accepted, "en") in LOCALES


@pytest.mark.parametrize("tag", ["ar", "ar-EG", "he", "fa", "fa_IR", "ur", "ur-PK", "AR-eg"])
def test_right_to_left(tag: str) -> None:
    """Arabic, Hebrew, Persian and Urdu are written from right to left."""
    assert direction(tag) == "rtl"


def test_left_to_right() -> None:
    """All other locales are written from left to right."""
    assert [tag for tag in LOCALES if direction(tag) == "rtl"] == ["ar", "fa", "he"]


@pytest.mark.parametrize(
    ("value", "what", "end"),
    [
        ("de-AT", "languages", "did you mean de?"),
        ("PT-BR", "languages", "did you mean pt-BR?"),
        ("zhHant", "languages", "did you mean zh-Hant?"),
        # Serbian is no slip for Turkish.
        ("sr", "languages", "the languages are de, zh-Hant, tr, pt-BR"),
        ("sr", "words", "did you mean tr?"),
        ("no-XX", "words", "the words are de, zh-Hant, tr, pt-BR"),
        (7, "languages", "the languages are de, zh-Hant, tr, pt-BR"),
        (None, "words", "the words are de, zh-Hant, tr, pt-BR"),
    ],
)
def test_nearest(value: object, what: str, end: str) -> None:
    """An error names the closest of the allowed names as it is written, or all of them."""
    assert nearest(value, ("de", "zh-Hant", "tr", "pt-BR"), what) == end
