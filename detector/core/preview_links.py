"""Signed links that show one page as a visitor would see it; nothing about such views is counted.

`?simulate=TOKEN` after any address of the site shows a mode of the notice, or explains the verdict
on that page. The link works for a week for anyone who has it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs, quote, urlsplit

from detector.core.assets import script
from detector.core.html import tag
from detector.core.html.csp import CspPermissions
from detector.core.served_names import ServedNames
from detector.core.tokens import TokenError, Tokens
from detector.core.vocabulary import KINDS_OR_UNSURE, PREVIEW_PARAMETER, SHOWN_MODES

EXPLAIN: Final = "explain"


@dataclass(frozen=True, slots=True)
class Simulation:
    """What a link shows, from its token: a mode and, for its texts, a kind; or `explain`."""

    token: str
    mode: str
    kind: str


class PreviewLinks:
    """Creates the preview links of one site and answers their requests; `slots` is the option."""

    def __init__(self, names: ServedNames, tokens: Tokens, slots: str) -> None:
        self._names = names
        self._tokens = tokens
        self._slots = slots

    def link(self, url: str, mode: str, kind: str) -> str:
        """Return the address at which a page shows a mode, or with "explain" its verdict.

        ValueError for a mode that shows nothing, an unknown kind, or an invalid address.
        """
        if mode not in (*SHOWN_MODES, EXPLAIN):
            raise ValueError(
                f"mode {mode!r} cannot be shown: use one of {', '.join(SHOWN_MODES)}, {EXPLAIN}"
            )
        if kind not in KINDS_OR_UNSURE:
            raise ValueError(f"kind {kind!r} is not known: use one of {', '.join(KINDS_OR_UNSURE)}")
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is not an address: write it as https://news.example/page")
        token = self._tokens.preview(f"{mode} {kind}")
        query = f"{parts.query}&" if parts.query else ""
        return parts._replace(query=f"{query}{PREVIEW_PARAMETER}={quote(token)}").geturl()

    def link_in(self, query: str) -> Simulation | None:
        """Return what the link in a page's query shows; None without a link or for a foreign one.

        A foreign link changes nothing: a shared cache may store the page without its query.
        """
        if PREVIEW_PARAMETER + "=" not in query:
            return None
        try:
            token = parse_qs(query, max_num_fields=100).get(PREVIEW_PARAMETER, [""])[0]
        except ValueError:
            return None
        return self.read(token)

    def read(self, token: str) -> Simulation | None:
        """Return what a token shows; None if it is not ours, or older than a week."""
        try:
            mode, _, kind = self._tokens.read_preview(token).partition(" ")
        except TokenError:
            return None
        return Simulation(token, mode, kind)

    def build(
        self, mount: str, shown: Simulation, permissions: CspPermissions, usual: bytes
    ) -> bytes:
        """Build the replacement of the usual tag, or its addition where a verdict is explained.

        `usual` is a tag that counts nothing.
        """
        src = f"{mount}/{self._names.prefix}/"
        src += self._names.script("simulate", script("simulate").content_hash)
        ours = tag.build(
            src, self._names.attribute, shown.token, permissions._replace(inline=False)
        )
        return usual + ours if shown.mode == EXPLAIN else ours

    def answer(self, names: ServedNames, query: str) -> dict[str, Any] | None:
        """Return the settings of the simulating script; None if its token is not ours.

        `names` are those of the secret under which the script was requested.
        """
        try:
            shown = self.read(parse_qs(query, max_num_fields=8).get("z", [""])[0])
        except ValueError:
            return None
        if shown is None:
            return None
        if shown.mode == EXPLAIN:
            return {"x": 1}
        return {
            "m": shown.mode,
            "i": shown.kind,
            "n": names.script("own", script("own").content_hash),
            "c": names.texts,
            "k": names.storage_key + "s",
            "s": self._slots,
        }
