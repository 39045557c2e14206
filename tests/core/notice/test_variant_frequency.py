"""Variants that are shown more or less often than others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from detector.core.config.loading import make_config
from detector.core.errors import ConfigError
from detector.core.html.page_flags import PageFlags
from detector.core.site import Site
from detector.notice_check.check import findings
from tests.conftest import SECRET
from tests.support.visiting import Visit

MakeSite = Callable[..., Site]
HOLDOUT = {"name": "h", "notice": "none"}


def told(site: Site, flags: object = "") -> tuple[Any, dict[str, Any]]:
    """Return what a page gets: the rules for all, and those of each variant that has its own."""
    control = Visit(site, flags).control()
    return control.get("f"), {name: own[0] for name, _, _, *own in control["y"] if own}


def test_each_variant_has_its_own_rules(make_site: MakeSite) -> None:
    """What a variant leaves out is the site's; one is drawn when the first could be shown."""
    site = make_site(
        from_view=4,
        every=3,
        variants=[{"name": "a"}, {"name": "b", "from_view": 2, "once_a_session": False}, HOLDOUT],
    )
    assert told(site) == ([2, 1, 0], {"a": [4, 3, 1], "b": [2, 3, 0]})


def test_equal_rules_are_sent_once(make_site: MakeSite) -> None:
    """Variants whose rules are the same have none of their own, whatever the site's are."""
    site = make_site(variants=[{"name": "a", "every": 5}, {"name": "b", "every": 5}, HOLDOUT])
    assert told(site) == ([2, 5, 1], {})


def test_without_consent_no_rule_is_sent(make_site: MakeSite) -> None:
    """Where nothing may be kept no view can be counted, so a frequency has no effect."""
    site = make_site(level="local", variants=[{"name": "a"}, {"name": "b", "from_view": 7}])
    assert told(site) == (None, {})
    site = make_site(variants=[{"name": "a"}, {"name": "b", "from_view": 7}])
    assert told(site, PageFlags(local=True)) == (None, {})


def test_days_of_quiet_of_a_variant(make_site: MakeSite) -> None:
    """A variant may stay quiet for longer, and its button says so."""
    site = make_site(variants=[{"name": "a"}, {"name": "b", "quiet_days": [14, 90]}])
    visit = Visit(site)
    a, b = (visit.texts(f"m=corner&y={name}") for name in ("a", "b"))
    assert "days" not in a and b["days"] == [14, 90]
    assert "14 days" in b["text"]["quiet"][0] and "90 days" in b["text"]["quiet"][1]


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("from_view", 0, r"\[0\]\[from_view\] is 0; allowed are whole numbers from 1 to 100"),
        ("every", 2.5, r"\[0\]\[every\] is 2.5; allowed are whole numbers from 1 to 100"),
        ("once_a_session", "no", r"\[0\]\[once_a_session\] is 'no'; allowed are True and False"),
        ("quiet_days", [7], r"\[0\]\[quiet_days\] is \(7,\); allowed are two whole numbers"),
        ("quiet_days", 7, r"\[0\]\[quiet_days\] is 7; allowed are two whole numbers"),
        ("quiet_hours", 7, r"\[0\] has 'quiet_hours'; it may have name, .*quiet_days"),
    ],
)
def test_wrong_frequencies(make_site: MakeSite, option: str, value: Any, message: str) -> None:
    """Each is checked as the option of its name, and the error names the variant."""
    with pytest.raises(ConfigError, match=f"VARIANTS{message}"):
        make_site(variants=[{"name": "a", option: value}, {"name": "b"}])


def test_a_file_has_them_too(tmp_path: Path, make_site: MakeSite) -> None:
    """In a TOML file a variant is written with the same names."""
    file = tmp_path / "site.toml"
    file.write_text(
        '[[variants]]\nname = "a"\n[[variants]]\nname = "b"\nevery = 9\nquiet_days = [8, 80]\n'
    )
    site = make_site(config=str(file))
    assert told(site) == ([2, 1, 1], {"a": [2, 1, 1], "b": [2, 9, 1]})


def test_the_check_knows_the_first_view_of_a_variant() -> None:
    """A variant that covers the page right away is warned of by its own place."""
    variants = [{"name": "a", "from_view": 1}, {"name": "b"}]
    config = make_config(secret=SECRET, notice="modal", variants=variants)
    assert "variants[0][from_view]" in [found.where for found in findings(config)]
