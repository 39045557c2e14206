"""The neutral names that a site serves, all derived from its secret.

Letters come from an alphabet without vowels, so that no word that filter lists match can appear by
chance (hex, for comparison, spells "ad" in 15 % of names).
"""

from __future__ import annotations

import hashlib
import hmac
import re

ALPHABET = "bcfghjkmnpqrvwxz"
SCRIPTS = (
    "preload",
    "detect",
    "followup",
    "notice",
    "plus",
    "own",
    "panel",
    "redirect",
    "simulate",
)
VIEW_LENGTH = 20
_STEM = 6
_CHECK = 2
_TRANSLATE = str.maketrans("0123456789abcdef", ALPHABET)
_VIEW = re.compile(rf"[0-9]{{{VIEW_LENGTH}}}")
_FILE = re.compile(rf"[{ALPHABET}]{{14}}\.js")
# Rarely needed, so compiled only then.
_PREFIX = rf"/([{ALPHABET}]{{{_STEM}}})([{ALPHABET}]{{{_CHECK}}})/"


def spell(data: bytes) -> str:
    """Write bytes in our alphabet, two letters each."""
    return data.hex().translate(_TRANSLATE)


def letters(data: bytes, length: int) -> str:
    """Spell a digest of `data` in our alphabet, at most 64 letters."""
    return hashlib.sha256(data).hexdigest()[:length].translate(_TRANSLATE)


def is_view(text: str) -> bool:
    """Whether `text` has the form of a view id."""
    return _VIEW.fullmatch(text) is not None


def is_foreign(path: str) -> bool:
    """Whether `path` has the form of our URLs, under any secret.

    The last two letters of a prefix are a checksum of the others, so of the site's own eight-letter
    folders in this alphabet only one in 256 is mistaken for ours.
    """
    match = re.match(_PREFIX, path)
    return match is not None and _checksum(match[1]) == match[2]


def _checksum(stem: str) -> str:
    return letters(b"prefix\0" + stem.encode(), _CHECK)


class ServedNames:
    """The names derived from one secret."""

    def __init__(self, secret: str) -> None:
        self._key = secret.encode()
        stem = self.word("prefix", _STEM)
        self.prefix = stem + _checksum(stem)
        self.report = self.word("report")
        self.texts = self.word("texts") + ".json"
        self.storage_key = self.word("storage")
        self.attribute = "data-" + self.word("attribute", 3)
        self.state_cookie = "__Host-" + self.word("state")
        self._scripts = {self.word("script:" + name, 6): name for name in SCRIPTS}

    def word(self, purpose: str, length: int = 8) -> str:
        """Return the site's word for a purpose, at most 64 letters."""
        digest = hmac.new(self._key, purpose.encode(), hashlib.sha256).hexdigest()
        return digest[:length].translate(_TRANSLATE)

    def script(self, name: str, content_hash: str) -> str:
        """Return the file name of the script `name` with this content."""
        return f"{self.word('script:' + name, 6)}{content_hash}.js"

    def script_of(self, file: str) -> str | None:
        """Return the script that a file name refers to, whatever its content hash."""
        return self._scripts.get(file[:6]) if _FILE.fullmatch(file) else None

    def is_bootstrap(self, file: str) -> bool:
        """Whether a file name is the bootstrap's: the script's, ending in .json."""
        return self._is_json_of(file, "detect")

    def is_simulation(self, file: str) -> bool:
        """Whether a file name is what the simulating script requests."""
        return self._is_json_of(file, "simulate")

    def _is_json_of(self, file: str, name: str) -> bool:
        stem, _, ending = file.partition(".")
        return ending == "json" and self.script_of(stem + ".js") == name
