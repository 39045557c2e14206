"""Turns filter rules into names that they would block, omitting those that make no good bait."""

from __future__ import annotations

import re
from collections.abc import Sequence

from detector.core.baits.pool import Type

EXTENSIONS: dict[Type, str] = {"script": "js", "image": "png", "fetch": "json"}
# What published detectors use, and what blockers replace with a stand-in of their own: lists
# maintain rules about these names, for or against the page.
_KNOWN = re.compile(
    r"ad[_-]?block|block[_-]?ad|fuckad|prebid|adsbygoogle|doubleclick|canrunads|advertisement|"
    r"(?:^|/)(?:ads?|adverts?|show_?ads?|adframe|adserver|banner|gpt|apstag|ima3)\.(?:js|png|json)$",
    re.IGNORECASE,
)
_KNOWN_CLASSES = {
    *("ad", "ads", "adsbox", "adBanner", "ad-banner", "banner_ad", "banner-ad", "ad-placement"),
    *("adsbygoogle", "pub_300x250", "pub_300x250m", "pub_728x90", "text-ad", "text-ads", "textAd"),
    *("text_ad", "text_ads", "text-ad-links", "textads", "doubleclick", "ad-placeholder"),
    *("ad-zone", "afs_ads", "google-ads", "sponsored-ad", "ad-unit", "ad_unit", "ad-slot"),
    *("ad_slot", "adslot", "adunit", "ad-space", "ad_space", "ad-box", "ad_box", "display_ad"),
}
# Names that firewalls act on, or that no owner wants to find in a log.
_UNWANTED = re.compile(
    r"wp-|cgi-|admin|login|popunder|miner|malware|porn|sex|xxx|nude|adult|erotic|escort|"
    r"casino|poker|viagra|cialis|gambl",
    re.IGNORECASE,
)
_SIZE = re.compile(r"\d{2,4}x\d{2,4}")
_PATTERN = re.compile(r"[/._-]?\w[\w./-]*(?:\?(?:[\w-]+=)?)?", re.ASCII)
_CLASS = re.compile(r"[A-Za-z][\w-]{3,39}", re.ASCII)


def path_for(pattern: str, kind: Type) -> str | None:
    """Return a path of a type that the pattern matches, with {w} for a neutral word, or None."""
    core = pattern.strip("*").removesuffix("^")
    # The end of a top-level domain, as in .com/ads/, belongs to a host.
    if not _PATTERN.fullmatch(core) or re.match(r"\.[a-z]{2,}/", core) or "//" in core:
        return None
    path, question, query = core.partition("?")
    path = path if path[0] in "/._-" else "/" + path
    file = path.rpartition("/")[2]
    extension = EXTENSIONS[kind]
    if re.search(r"\.\w+$", path):
        if not path.endswith("." + extension):
            return None
    elif question:
        if kind != "fetch" or not file or path[-1] in "._-":
            return None
    elif path[-1] == ".":
        path += extension
    else:
        path += ("{w}." if path[-1] in "/_-" else "/{w}.") + extension
    path = path[1:] if path[0] == "/" else "{w}" + path
    if "/." in "/" + path or ".." in path or _KNOWN.search(path) or _UNWANTED.search(path):
        return None
    if "{w}" not in path:
        path = "{w}/" + path
    return path + question + query


def fragility(path: str) -> int:
    """Return a sort key: rules for sizes of banners outlive those for whole file names, and others.

    docs/decisions/0065-stacked-rules.md has the figures.
    """
    if _SIZE.search(path):
        return 0
    return 2 if "{w}" in path.rpartition("/")[2] or "?" in path else 1


def joined(names: Sequence[tuple[str, str]]) -> str:
    """Return one path that contains others, given with their rules' patterns, which all match it.

    A file's extension goes, but for the last one's, or where the pattern wants it.
    """
    path = "/".join([*(_folder(*name) for name in names[:-1]), names[-1][0].removeprefix("{w}/")])
    return path if "{w}" in path else "{w}/" + path


def _folder(path: str, pattern: str) -> str:
    stem = path.rpartition(".")[0]
    core = pattern.strip("*").removesuffix("^").strip("/")
    if stem.endswith("/{w}"):
        path = stem.removesuffix("/{w}")
    elif core.endswith("."):
        path = stem + ".{w}"
    elif core in stem:
        path = stem
    return path.removeprefix("{w}/")


def word_for(pattern: str) -> str:
    """Return a name for a rule from its pattern's letters; similar rules have the same name."""
    stem = re.sub(r"[^a-z0-9]+", "-", pattern.lower()).strip("-")
    return re.sub(r"(?<=[a-z]{3})\d+", "", stem) or "rule"


def is_class(name: str) -> bool:
    """Whether a selector is one class that makes a good bait."""
    bare = name[1:]
    return (
        name[0] == "."
        and _CLASS.fullmatch(bare) is not None
        and bare not in _KNOWN_CLASSES
        and not _KNOWN.search(bare)
        and not _UNWANTED.search(bare)
    )
