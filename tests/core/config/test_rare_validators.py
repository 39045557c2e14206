"""Checks of rarely set options: what just passes, and the whole message for what does not."""

from __future__ import annotations

from typing import Any

import pytest

from detector.core.config import rare_validators
from detector.core.counting.dimensions import rows_per_hour
from detector.core.errors import ConfigError

RULE = '[{"paths": ["/shop/*"], "devices": ["phone"], "notice": "none"}]'
VARIANTS = '[{"name": "a", "weight": 1}, {"name": "b", "weight": 1, "preset": "warm"}]'
HOLDOUT = '[{"name": "notice", "weight": 9}, {"name": "holdout", "weight": 1, "notice": "none"}]'
OF_A_VARIANT = "name, weight, notice, preset, texts, from_view, every, once_a_session, quiet_days"
PRESETS = "newspaper, warm, short, formal, nonprofit"
MANY = (("locale", "group"), ("kind", "browser"), ("variant", "group"))
A, B = {"name": "a"}, {"name": "b"}


def check(name: str, value: Any) -> None:
    """Check a value under the key K."""
    getattr(rare_validators, f"check_{name}")("K", value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("secrets", ()),
        ("secrets", ("s" * 16,)),
        ("pairs", (("kind", "browser"), ("kind", "device"))),
        ("time_zone", "Europe/Vienna"),
        ("hook", print),
        ("hook", "package.module:function"),
        ("path", ""),
        ("paths", ("a", "b")),
        ("selectors", "a" * 1000),
        ("urls", ("https://ads.example/lib.js",) * 8),
        ("urls", ("http://ads.example:8080/",)),
        ("rules", ({"notice": "none"},) * 32),
        ("rules", ({"paths": ["/a", "*b"], "devices": ("phone",), "notice": "modal"},)),
        ("rules", ({"kinds": ["extension", "unsure"], "notice": "modal"},)),
        ("variants", ()),
        ("variants", tuple({"name": f"v{n}"} for n in range(8))),
        ("variants", ({"name": "a", "weight": 1000}, {"name": "b" * 16, "weight": 1})),
        ("variants", (A, {"name": "b", "weight": 2, "notice": "none"})),
        ("variants", (A, {"name": "b", "notice": "modal", "preset": "warm", "from_view": 2})),
        ("variants", (A, {"name": "b", "quiet_days": [1, 2], "once_a_session": True, "every": 3})),
        ("variants", (A, {"name": "b", "texts": {"en": {"title": "Hello"}}})),
        ("quiet_days", (1, 365)),
        ("selector", ""),
        ("selector", "a" * 200),
        ("place", ""),
        ("place", "/subscribe"),
        ("place", "http://news.example/subscribe"),
        ("links", {}),
        ("links", {"subscribe": "/subscribe", "donate": "https://news.example/"}),
    ],
)
def test_good(name: str, value: Any) -> None:
    """Ordinary values pass, and so do the largest and the smallest."""
    check(name, value)


BAD: list[tuple[str, Any, str]] = [
    ("secrets", "one", "K must be a list of texts, not str"),
    ("pairs", "kind", 'K is \'kind\'; allowed are different pairs: [["kind", "browser"]]'),
    (
        "pairs",
        (("kind", "browser"), ("browser", "kind")),
        "K is (('kind', 'browser'), ('browser', 'kind')); allowed are different pairs: "
        '[["kind", "browser"]]',
    ),
    (
        "pairs",
        (["kind", "browser"],),
        "K is (['kind', 'browser'],); allowed are different pairs: [[\"kind\", \"browser\"]]",
    ),
    ("pairs", (("kind", "kind"),), "K: ('kind', 'kind') is not a pair of two of: …"),
    (
        "pairs",
        MANY,
        f"K: with these pairs one hour could need {rows_per_hour(map('+'.join, MANY)):,} rows, "
        "allowed are 315,000: leave out those with the most values (variant+group)",
    ),
    ("time_zone", "Mars/Crater", "K: 'Mars/Crater'…"),
    ("hook", 7, "K is 7; allowed are a function, or its name as package.module:function"),
    (
        "baits_file",
        "none.json",
        "K: none.json cannot be read (No such file or directory); create it again: detector baits "
        "pick LIST... --brave LIST --out none.json; or leave K empty",
    ),
    ("path", "a\0b", "K is 'a\\x00b'; allowed is the path of a file, as a text"),
    ("path", 7, "K is 7; allowed is the path of a file, as a text"),
    ("baits_file", 7, "K is 7; allowed is the path of a pool, as a text"),
    ("paths", ("a", 7), "K must be a list of texts, not ('a', 7)"),
    ("paths", "ab", "K must be a list of texts, not 'ab'"),
    (
        "selectors",
        " ",
        "K is ' '; allowed are CSS selectors with commas between them, for instance "
        "'#top-ad, .sidebar-ad', at most 1,000 characters",
    ),
    ("selectors", "a" * 1001, f"K is {'a' * 1001!r}; allowed are CSS selectors …"),
    ("urls", ("",) * 9, f"K is {('',) * 9!r}; allowed is a list of at most 8 addresses"),
    (
        "urls",
        (7,),
        "K has 7; allowed are full addresses such as 'https://ads.example/lib.js', without spaces "
        "or non-ASCII characters",
    ),
    ("rules", {}, f"K is {{}}; allowed is a list such as {RULE}"),
    ("rules", ("x",), f"K is ('x',); allowed is a list such as {RULE}"),
    ("rules", ({"notice": "none"},) * 33, "K has 33 entries; at most 32 are allowed"),
    (
        "rules",
        ({"path": "/", "notice": "none"},),
        f"K[0] has 'path'; it may have paths, devices, kinds, notice: {RULE}",
    ),
    ("rules", ({},), f"K[0] has no notice; add the mode that it selects: {RULE}"),
    ("rules", ({"notice": "none"}, {"notice": "x"}), "K[1][notice] is 'x'; allowed are slot, …"),
    (
        "rules",
        ({"notice": "none", "devices": ["tv"]},),
        "K[0][devices] has 'tv'; allowed are desktop, phone, tablet",
    ),
    (
        "rules",
        ({"notice": "none", "devices": "phone"},),
        "K[0][devices] is 'phone'; allowed is a list of texts",
    ),
    (
        "rules",
        ({"notice": "none", "kinds": ["person"]},),
        "K[0][kinds] has 'person'; allowed are extension, browser, network, unsure",
    ),
    (
        "rules",
        ({"notice": "none", "kinds": "unsure"},),
        "K[0][kinds] is 'unsure'; allowed is a list of texts",
    ),
    (
        "rules",
        ({"notice": "none", "paths": ["shop"]},),
        "K[0][paths] has 'shop'; a path begins with / or *",
    ),
    ("rules", ({"notice": "none", "paths": [7]},), "K[0][paths] has 7; a path begins with / or *"),
    (
        "rules",
        ({"notice": "none", "paths": "/shop"},),
        "K[0][paths] is '/shop'; allowed is a list of texts",
    ),
    ("variants", "a", f"K is 'a'; allowed is a list such as {VARIANTS}"),
    ("variants", (A,) * 9, "K has 9 entries; at most 8 are allowed"),
    ("variants", (A,), f"K has one variant; two are needed to compare anything: {VARIANTS}"),
    (
        "variants",
        (A, {"name": "b", "wait": 1}),
        f"K[1] has 'wait'; it may have {OF_A_VARIANT}: {VARIANTS}",
    ),
    *(
        (
            "variants",
            (A, {"name": name}),
            f"K[1][name] is {name!r}; allowed are up to 16 of the letters a-z, 0-9 and -",
        )
        for name in (None, "", "B", "-b", "b" * 17)
    ),
    (
        "variants",
        (A, A),
        "K[1][name] is 'a' a second time; each variant has its own name",
    ),
    *(
        (
            "variants",
            (A, {"name": "b", "weight": weight}),
            f"K[1][weight] is {weight!r}; allowed are whole numbers from 1 to 1000; leave out a "
            "variant that nobody is to get",
        )
        for weight in (0, 1001, 1.0, True)
    ),
    ("variants", (A, {"name": "b", "notice": "x"}), "K[1][notice] is 'x'; allowed are slot, …"),
    (
        "variants",
        (A, {"name": "b", "preset": "loud"}),
        f"K[1][preset] is 'loud'; the presets are {PRESETS}",
    ),
    (
        "variants",
        (A, {"name": "b", "from_view": 0}),
        "K[1][from_view] is 0; allowed are whole numbers from 1 to 100",
    ),
    (
        "variants",
        (A, {"name": "b", "every": 101}),
        "K[1][every] is 101; allowed are whole numbers from 1 to 100",
    ),
    (
        "variants",
        (A, {"name": "b", "once_a_session": 1}),
        "K[1][once_a_session] is 1; allowed are True and False",
    ),
    ("variants", (A, {"name": "b", "quiet_days": [7]}), "K[1][quiet_days] is (7,); allowed are…"),
    ("variants", (A, {"name": "b", "texts": 7}), "K[1][texts] is 7…"),
    (
        "variants",
        (A, {"name": "b", "notice": "none", "preset": "warm"}),
        f"K[1] is held out and has 'preset'; it may have name, weight, notice: {HOLDOUT}",
    ),
    (
        "variants",
        ({"name": "a", "notice": "none"}, B, {"name": "c", "notice": "none"}),
        'K[2][notice] is "none" like that of K[0]; one variant may be held out, the others show '
        f"the notice: {HOLDOUT}",
    ),
    *(
        (
            "quiet_days",
            days,
            f"K is {days!r}; allowed are two whole numbers of days from 1 to 365: after "
            '"Not now", and from the third time on, for instance [7, 30]',
        )
        for days in (7, (7,), (7, 30, 90), (0, 30), (7, 366), (7, True))
    ),
    *(
        (
            "selector",
            selector,
            f"K is {selector!r}; allowed is a CSS selector such as '.article-body', at most 200 "
            "characters, without { } < > ; and \\",
        )
        for selector in (7, "a{}", "a" * 201)
    ),
    *(
        (
            "place",
            place,
            f"K is {place!r}; allowed are addresses such as 'https://news.example/subscribe' and "
            "paths such as '/subscribe'",
        )
        for place in (7, "//evil.example", "javascript:alert(1)")
    ),
    *(
        (
            "links",
            links,
            f"K is {links!r}; allowed are addresses by purpose: "
            '{"subscribe": "/subscribe"}, out of subscribe, donate, support',
        )
        for links in (7, {"shop": "/shop"})
    ),
    ("links", {"subscribe": ""}, "K[subscribe] is empty; leave it out"),
    ("links", {"subscribe": "x"}, "K[subscribe] is 'x'; allowed are addresses such as…"),
]


@pytest.mark.parametrize(("name", "value", "message"), BAD)
def test_bad(name: str, value: Any, message: str) -> None:
    """The message names the option and the entry, and says what is allowed; … stands for more."""
    with pytest.raises(ConfigError) as error:
        check(name, value)
    start, more, _ = message.partition("…")
    assert str(error.value) == start or (more and str(error.value).startswith(start))
