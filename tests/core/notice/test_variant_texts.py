"""Variants with texts of their own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from detector.core.errors import ConfigError
from detector.core.site import Site
from tests.support.visiting import Visit

MakeSite = Callable[..., Site]


def test_texts_of_a_variant_stand_before_those_of_the_site(make_site: MakeSite) -> None:
    """A variant replaces single texts of the site's; the others and other variants keep theirs."""
    site = make_site(
        texts={"en": {"title": "Ours", "body": "Ads pay us.", "saw_title": "What we saw"}},
        variants=[
            {"name": "a"},
            {
                "name": "b",
                "texts": {"en": {"title": "Theirs", "saw_title": "Seen"}, "de": {"title": "Ihre"}},
            },
        ],
    )
    visit = Visit(site)
    found = [visit.texts(f"m=corner&y={name}")["text"] for name in ("a", "b", "gone")]
    assert [text["title"] for text in found] == ["Ours", "Theirs", "Ours"]
    assert {text["body"] for text in found} == {"Ads pay us."}
    german = [visit.texts(f"m=corner&y={name}&l=de")["text"]["title"] for name in ("a", "b")]
    assert german == ["Werbeblocker erkannt", "Ihre"]
    assert [visit.texts(f"y={name}&d=1")["title"] for name in ("a", "b")] == ["What we saw", "Seen"]


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ({"en": {"titel": "x"}}, r"VARIANTS\[1\]\[texts\]\['en'\]\['titel'\] is not known"),
        ({"en": {"title": " "}}, r"VARIANTS\[1\]\[texts\]\['en'\]\['title'\] is empty"),
        ({"xx": {}}, r"VARIANTS\[1\]\[texts\]\['xx'\] is not known"),
        ("hello", r"VARIANTS\[1\]\[texts\] is 'hello'; allowed are texts by language"),
    ],
)
def test_wrong_texts_of_a_variant(make_site: MakeSite, texts: object, message: str) -> None:
    """A text that is not allowed is refused by the place of its variant and its own name."""
    with pytest.raises(ConfigError, match=message):
        make_site(variants=[{"name": "a"}, {"name": "b", "texts": texts}])
