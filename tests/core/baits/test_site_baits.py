"""The bait pool, and what a site picks from it."""

from __future__ import annotations

import re
import struct
import zlib
from itertools import combinations

import pytest

from detector.core.baits import pool
from detector.core.baits.site_baits import Baits, answer, image_width
from detector.core.served_names import ALPHABET, ServedNames

POOL = pool.load()
TYPES = ("js", "png", "json")
BURNT = {
    *("adsbox", "ad-banner", "ad-placement", "adsbygoogle", "pub_300x250", "text-ad", "textAd"),
    *("text_ad", "text_ads", "text-ads", "banner_ad", "adBanner", "doubleclick", "ad", "ads"),
}


def baits(n: int = 0) -> Baits:
    """Return the baits of the nth site."""
    return Baits(ServedNames(f"secret of site number {n}"), POOL)


def test_pool_is_large_and_dated() -> None:
    """The pool has a date and enough baits to pick from, most of which fall to several rules."""
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", POOL.date)
    assert len(POOL.elements) >= 300
    assert len({request.rule for request in POOL.requests}) >= 12
    wide = [request for request in POOL.requests if request.everywhere]
    assert all(len(request.rule.split()) >= 3 for request in wide)


def test_pool_has_nothing_burnt() -> None:
    """No published bait of other detectors, which lists exempt, is in the pool."""
    assert not BURNT & set(POOL.elements)
    assert not any("prebid" in request.path for request in POOL.requests)


@pytest.mark.parametrize("again", [False, True])
def test_every_choice_has_what_a_verdict_needs(again: bool) -> None:
    """Six baits share no rule and no keyword; there are three types; three act everywhere."""
    for n in range(40):
        for day in range(10):
            choice = baits(n).choose(day, again)
            chosen = [POOL.requests[bait.number] for bait, _ in choice.requests]
            assert len(chosen) == 6
            assert all(one.marks.isdisjoint(two.marks) for one, two in combinations(chosen, 2))
            assert {entry.type for entry in chosen} == {"script", "image", "fetch"}
            assert chosen[0].everywhere
            assert chosen[0].type == "script" != chosen[1].type
            assert sum(entry.everywhere for entry in chosen) >= 3
            assert len(set(choice.elements)) == 4
            assert re.fullmatch(f"[{ALPHABET}]{{8}}", choice.plain)


def test_a_choice_is_made_once() -> None:
    """A day's choice is remembered, and made anew when a bait of it is left out."""
    one = baits()
    first = one.choose(1)
    assert one.choose(1) is first
    left_out = first.requests[0][0].number
    one.off = frozenset([left_out])
    assert left_out not in {bait.number for bait, _ in one.choose(1).requests}
    one.off = frozenset()
    assert one.choose(1) is first
    for day in range(2, 10):
        one.choose(day)
    assert one.choose(1) == first
    assert one.choose(1) is not first, "a process that runs for months remembers few days"


def test_choices_differ() -> None:
    """Baits differ between sites, days and second looks."""
    picks = {
        (tuple(b.number for b, _ in c.requests), c.elements)
        for n in range(5)
        for day in range(5)
        for c in (baits(n).choose(day), baits(n).choose(day, True))
    }
    assert len(picks) > 45
    assert len({baits(n).choose(day).plain for n in range(5) for day in range(5)}) == 25
    assert baits().choose(3) == baits().choose(3)


def test_controls_are_twins() -> None:
    """A control has its bait's type, depth and extension, and none of its words."""
    for n in range(20):
        for bait, control in (pair for day in range(30) for pair in baits(n).choose(day).requests):
            assert control.type == bait.type
            assert control.path.count("/") == bait.path.count("/")
            assert control.path.count("?") == bait.path.count("?")
            ending = re.compile(r"\.(js|png|json)(\?|$)")
            both = ending.search(bait.path), ending.search(control.path)
            assert [found and found[1] for found in both] in [[one] * 2 for one in TYPES]
            assert re.fullmatch(
                r"([bcfghjkmnpqrvwxz]+/)*[bcfghjkmnpqrvwxz]+(\.(js|png|json))?(\?([a-z]+=)?)?",
                control.path,
            )


@pytest.mark.parametrize(
    ("path", "url", "control"),
    [
        ("x/{w}.y.js?", "x/WORD.y.js?", "WORD/WORD.js?"),
        ("{w}/y.png?zone=", "WORD/y.png?zone=", "WORD/WORD.png?SHORT="),
        ("{w}/z", "WORD/z?", "WORD/WORD?"),
        ("a/b/c/{w}.json", "a/b/c/WORD.json?", "WORD/WORD/WORD/WORD.json?"),
    ],
)
def test_queries_of_a_pool(path: str, url: str, control: str) -> None:
    """A path with a query of its own takes the view's token there, and so does its control's."""
    entries = [pool.Request(f"rule {n}", "fetch", path, True) for n in range(2)]
    made = Baits(ServedNames("secret of a site"), pool.Pool("2026-01-31", tuple(entries), ()))
    words: list[str] = []
    for pair in made.pairs:
        for bait, wanted in zip(pair, (url, control), strict=True):
            pattern = re.escape(wanted)
            for word, length in (("WORD", 8), ("SHORT", 4)):
                pattern = pattern.replace(word, f"([{ALPHABET}]{{{length}}})")
            found = re.fullmatch(pattern, bait.url)
            assert found, bait.url
            words += found.groups()
            assert made.find(bait.url.partition("?")[0]) is bait
    assert len(set(words)) == len(words)


def test_baits_switched_off_are_never_chosen() -> None:
    """Disabled baits are never picked, and all other picks stay the same."""
    off = frozenset({0, 6, 12, 18})
    for n in range(20):
        names = ServedNames(f"secret of site number {n}")
        for day in range(20):
            chosen = Baits(names, POOL, off).choose(day).requests
            assert not off & {bait.number for bait, _ in chosen}
            before = Baits(names, POOL).choose(day).requests
            if not off & {bait.number for bait, _ in before}:
                assert chosen == before


def test_two_families_are_always_chosen() -> None:
    """Whichever two baits without a common keyword are left, both are asked, and a control too."""
    left = [
        pair
        for pair in combinations(range(len(POOL.requests)), 2)
        if POOL.requests[pair[0]].marks.isdisjoint(POOL.requests[pair[1]].marks)
    ]
    assert len(left) > 100
    for pair in left:
        off = frozenset(range(len(POOL.requests))) - set(pair)
        choice = Baits(ServedNames("secret of a site"), POOL, off).choose(5)
        assert {bait.number for bait, _ in choice.requests} == set(pair)
        assert (choice.asked.control, choice.asked.type) == (True, "fetch")


def test_the_first_is_blocked_everywhere() -> None:
    """Where two baits are left, the one that is blocked everywhere is asked for first."""
    script = next(n for n, e in enumerate(POOL.requests) if e.everywhere and e.type == "script")
    other = next(n for n, e in enumerate(POOL.requests) if not e.everywhere and e.type == "fetch")
    off = frozenset(range(len(POOL.requests))) - {script, other}
    site = Baits(ServedNames("secret of a site"), POOL, off)
    for day in range(20):
        assert [bait.number for bait, _ in site.choose(day).requests] == [script, other]


def test_a_pick_that_leaves_a_slot_empty_is_drawn_again() -> None:
    """Where most early picks exclude the only image, most days still have six baits."""
    rows: list[tuple[str, pool.Type, bool]] = [
        *(("one", "script", True), ("two", "script", True), ("three", "image", True)),
        *(("four", "fetch", False), ("five", "fetch", False), ("six", "script", False)),
        *(("seven three", "script", True), ("eight three", "script", True)),
    ]
    entries = [pool.Request(rule, kind, "{w}", everywhere) for rule, kind, everywhere in rows]
    own = pool.Pool("2026-01-31", tuple(entries), POOL.elements)
    site = Baits(ServedNames("secret of a site"), own)
    sizes = [len(site.choose(day).requests) for day in range(100)]
    assert set(sizes) <= {5, 6}
    assert sizes.count(6) > 70


def test_one_family_is_never_chosen_twice() -> None:
    """With a bait left beside several of one family, it is asked with one of them."""
    sized = [n for n, entry in enumerate(POOL.requests) if "300x250" in entry.path]
    other = next(n for n, entry in enumerate(POOL.requests) if "468x60" in entry.path)
    off = frozenset(range(len(POOL.requests))) - {*sized, other}
    assert len(sized) > 2
    for day in range(20):
        chosen = Baits(ServedNames("secret of a site"), POOL, off).choose(day).requests
        numbers = {bait.number for bait, _ in chosen}
        assert other in numbers
        assert len(numbers) == 2


def test_every_path_is_found_again() -> None:
    """Every bait of the pool is served every day, not only on the days when it is picked."""
    site = baits()
    assert len(site.pairs) == len(POOL.requests)
    for pair in site.pairs:
        for bait in pair:
            assert site.find(bait.path.partition("?")[0]) is bait
    assert site.find("nothing/of/ours.js") is None


def test_every_bait_is_of_the_pool_and_the_site() -> None:
    """A bait's path has a word of the site's own in its place, and its control has its number."""
    stems = set()
    for number, (bait, control) in enumerate(baits().pairs):
        entry = POOL.requests[number]
        head, *rest = map(re.escape, entry.path.split("{w}"))
        tail = r"\1".join(rest)
        found = re.fullmatch(f"{head}([{ALPHABET}]{{8}}){tail}", bait.path)
        assert found, bait.path
        stems.add(found[1])
        assert (bait.number, bait.type, bait.control) == (number, entry.type, False)
        assert (control.number, control.type, control.control) == (number, entry.type, True)
    assert len(stems) == len(POOL.requests)
    assert not stems & {word for bait, _ in baits(1).pairs for word in re.split(r"\W", bait.path)}


def test_content_proves_itself() -> None:
    """Each type's content holds the proof; a fetched control adds which baits arrived."""
    by_type = {b.type: (b, c) for b, c in baits().choose(0).requests}
    bait, control = by_type["script"]
    own = b'Reflect.get(Document.prototype,"currentScript",document)'
    assert answer(bait, "proof", frozenset()) == own + b'.x="proof"'
    bait, control = by_type["fetch"]
    assert answer(bait, "proof", frozenset({3, 1})) == b"proof"
    assert answer(control, "proof", frozenset({3, 1})) == b"proof,1,3"


def test_image_has_the_width_of_its_proof() -> None:
    """The image is a whole PNG whose natural width is the proof's."""
    image = next(b for b, _ in baits().choose(0).requests if b.type == "image")
    for n in range(50):
        proof = f"proof{n}"
        data = answer(image, proof, frozenset())
        assert data.startswith(b"\x89PNG\r\n\x1a\n")
        width, height = struct.unpack(">II", data[16:24])
        assert width == image_width(proof)
        assert (width % 2, height) == (1, 3)
        found = chunks(data)
        assert [kind for kind, _ in found] == [b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"]
        parts = dict(found)
        assert parts[b"IHDR"][8:] == bytes((1, 3, 0, 0, 0)), "one bit of a palette"
        # One colour, which is transparent.
        assert (parts[b"PLTE"], parts[b"tRNS"], parts[b"IEND"]) == (bytes(3), bytes(1), b"")
        assert zlib.decompress(parts[b"IDAT"]) == bytes(height * (1 + (width + 7) // 8))
    assert {image_width(f"proof{n}") for n in range(1000)} == set(range(21, 84, 2))


def chunks(png: bytes) -> list[tuple[bytes, bytes]]:
    """Return the chunks of an image, each of which has the right checksum."""
    found, at = [], 8
    while at < len(png):
        (size,) = struct.unpack(">I", png[at : at + 4])
        named = png[at + 4 : at + 8 + size]
        assert png[at + 8 + size : at + 12 + size] == struct.pack(">I", zlib.crc32(named))
        found.append((named[:4], named[4:]))
        at += 12 + size
    return found
