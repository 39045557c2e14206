"""Every name that a site serves, as lists of URLs and words to match against filter lists."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from detector.core.assets import folder, script
from detector.core.baits.pool import Pool
from detector.core.baits.site_baits import Baits
from detector.core.served_names import VIEW_LENGTH, ServedNames
from detector.core.tokens import Tokens

_SITE = "https://news.example"
_NOW = 1_800_000_000.0
_DAYS = 10


@dataclass(frozen=True, slots=True)
class Name:
    """A URL with the type it is requested as, or a selector of the type element."""

    text: str
    kind: str


def bait_urls(secret: str, pool: Pool) -> list[str]:
    """Return the URL of every request bait of a site, in the pool's order."""
    names = ServedNames(secret)
    token = _token(secret)
    return [_url(names.prefix, bait.path, token) for bait, _ in Baits(names, pool).pairs]


def sample_urls(path: str) -> list[str]:
    """Return the URLs that a bait's path would have on a few sites."""
    return [
        _url(prefix, path.replace("{w}", word), token) for prefix, word, token in _sample_sites()
    ]


def served(secret: str, pool: Pool) -> list[Name]:
    """Return every URL of a site that is not a bait."""
    names = ServedNames(secret)
    token = _token(secret)
    page = Tokens([secret]).page("/article/*")
    scripts = {
        name: names.script(name, script(name).content_hash)
        for name in sorted(path.name.partition(".")[0] for path in folder().glob("*.min.js"))
    }
    view = names.word("view", VIEW_LENGTH)
    below = [(file, "script") for file in scripts.values()]
    below.append((f"{scripts['detect'][:-2]}json?v={view}&p={page}&w=false", "fetch"))
    below += [(names.texts, "fetch"), (names.report, "ping"), (names.report, "fetch")]
    urls = [Name(f"{_SITE}/{names.prefix}/{path}", kind) for path, kind in below]
    for _, control in Baits(names, pool).pairs:
        urls.append(Name(_url(names.prefix, control.path, token), control.type))
    return urls


def plain_names(secrets: Iterable[str]) -> set[str]:
    """Return the words used as class, id or part: by the control, and in the notice."""
    words = set(re.findall(r'"([A-Za-z][\w-]{1,40})"', script("notice").body.decode()))
    for secret in secrets:
        names = ServedNames(secret)
        words.update(names.word(f"plain:{day}") for day in range(_DAYS))
    return words


@cache
def _sample_sites() -> list[tuple[str, str, str]]:
    secrets = [f"a secret of a sample site {number}" for number in range(3)]
    return [
        (ServedNames(one).prefix, ServedNames(one).word("sample"), _token(one)) for one in secrets
    ]


def _url(prefix: str, path: str, token: str) -> str:
    return f"{_SITE}/{prefix}/{path}{'' if path.endswith(('?', '=')) else '?'}{token}"


def _token(secret: str) -> str:
    view = ServedNames(secret).word("view", VIEW_LENGTH)
    return Tokens([secret], lambda: _NOW).view(view)
