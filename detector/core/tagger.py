"""Decides whether a page gets the tag, and builds it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from detector.core.assets import script
from detector.core.config.options import Config
from detector.core.html import csp, tag
from detector.core.html.eligibility import (
    is_navigation,
    is_prefetch,
    may_carry,
    may_differ,
    wants_fragment,
)
from detector.core.html.headers import ByName, RequestHeaders
from detector.core.html.injector import Injector
from detector.core.html.page_flags import PageFlags
from detector.core.html.page_info import NO_PAGE_INFO, KnownPage, PageInfo
from detector.core.notice import modes
from detector.core.privacy_level import counts
from detector.core.request import Request
from detector.core.served_names import ServedNames
from detector.core.tokens import Tokens
from detector.core.user_agent import classify
from detector.core.vocabulary import AD_FREE, MODES, PREVIEW_PARAMETER

if TYPE_CHECKING:
    from detector.core.preview_links import PreviewLinks

log = logging.getLogger("detector")
_TAGS = 1000
_WARNINGS = 20
_LASTING = "b" * 8
_USUAL, _ERROR = PageFlags(), PageFlags("none")
_FREE = csp.CspPermissions()


class Tagger:
    """Builds the tags of one site; `is_on` returns whether pages are tagged right now."""

    def __init__(
        self,
        config: Config,
        names: ServedNames,
        tokens: Tokens,
        rules: Sequence[modes.Rule],
        previews: Callable[[], PreviewLinks],
        is_on: Callable[[], bool],
    ) -> None:
        self._config = config
        self._names = names
        self._tokens = tokens
        self._rules = rules
        self._previews = previews
        self._is_on = is_on
        self._by_path = any(rule.paths for rule in rules)
        self._noscript = self._line_without_scripts() if config.noscript else ""
        self._warned: set[str] = set()
        self._tags: dict[tuple[str, str, csp.CspPermissions, PageFlags], bytes] = {}

    def _line_without_scripts(self) -> str:
        from detector.core.notice.payload import site_text

        return site_text(self._config, "noscript")

    def injector(
        self,
        request: Request,
        status: int,
        headers: ByName,
        page: PageInfo = NO_PAGE_INFO,
    ) -> Injector | None:
        """Return the injector for a response, or None to leave the response alone.

        `headers` are by lower-case name. Where a shared cache may store the response, it depends
        on the request's method only, and on a preview link, which makes the response private.
        """
        config = self._config
        if not self._is_on():
            return None
        if not may_carry(request.method, status, headers, error_pages=config.error_pages):
            return None
        flags = self._flags(status, page)
        shared = not may_differ(headers)
        prefetched, uncounted = is_prefetch(request.headers), not is_navigation(request.headers)
        if not shared:
            if wants_fragment(request.headers) or self._is_bot(request.headers):
                return None
            if wanted := page.notice:
                flags = self._with_notice(flags, wanted)
            flags = flags._replace(prefetched=prefetched, uncounted=uncounted)
        policies = headers.get("content-security-policy", ())
        reported = headers.get("content-security-policy-report-only", ())
        permissions, nonce = _FREE, page.nonce
        if policies or reported or nonce:
            permissions = csp.read(policies, reported, nonce)
        mount, group, query = page.mount, page.group, page.query
        if PREVIEW_PARAMETER in query and (link := self._previews().link_in(query)):
            usual = self._tag(mount, group, permissions, PageFlags("none", local=True))
            built = self._previews().build(mount, link, permissions, usual)
            return Injector(built, private=True, counted=False) if built else None
        built = self._tag(mount, group, permissions, flags)
        counted = not (prefetched or uncounted)
        return Injector(built, group, shared, counted=counted) if built else None

    def _is_bot(self, headers: RequestHeaders) -> bool:
        return not self._config.treat_bots_as_people and classify(headers.get("user-agent")).bot

    def _flags(self, status: int, page: PageInfo) -> PageFlags:
        """Return a page's flags: no notice on errors, and the rules for its path."""
        if not self._by_path:
            return _ERROR if status >= 400 else _USUAL
        return PageFlags("none" if status >= 400 else "", modes.fitting(self._rules, page.path))

    def rules_for(self, path: str | None) -> int | None:
        """Return the rules that match a page's path as bits; None if the path is not known."""
        return None if path is None else modes.fitting(self._rules, path)

    def _with_notice(self, flags: PageFlags, wanted: str) -> PageFlags:
        if wanted == AD_FREE:
            return flags._replace(ad_free=True)
        if wanted in MODES:
            return flags._replace(notice=wanted)
        # Not counted by the circuit breaker: a typo in one view must not stop tagging everywhere.
        if wanted not in self._warned and len(self._warned) < _WARNINGS:
            self._warned.add(wanted)
            log.error(
                "detector: a page requests the notice %r, which is not a mode: use one of %s",
                *(wanted, ", ".join(MODES)),
            )
        return flags

    def tag(
        self,
        *,
        mount: str = "",
        group: str = "",
        nonce: str = "",
        inline: bool = True,
        path: str = "",
        notice: str = "",
    ) -> bytes:
        """Return the tag for a template to place; empty while pages are left alone.

        `inline=False` omits the inline line, for policies that refuse it. `notice` is the mode for
        this page only, or `AD_FREE`.
        """
        if not self._is_on():
            return b""
        permissions = csp.read((), wanted=nonce)
        flags = self._flags(200, KnownPage(path=path))
        flags = self._with_notice(flags, notice) if notice else flags
        return self._tag(mount, group, permissions._replace(inline=inline), flags)

    def _tag(
        self, mount: str, group: str, permissions: csp.CspPermissions, flags: PageFlags
    ) -> bytes:
        """Return the tag, cached if it has no nonce: it is then the same for a whole path group."""
        key = (mount, group, permissions, flags)
        built = self._tags.get(key)
        if built is None:
            src = f"{mount}/{self._names.prefix}/{self.file()}"
            token = self._tokens.page(group) + str(flags)
            built = tag.build(src, self._names.attribute, token, permissions)
            if built and self._noscript:
                from detector.core.html import noscript

                built += noscript.build(self._noscript, permissions.nonce).encode()
            if not permissions.nonce and len(self._tags) < _TAGS:
                self._tags[key] = built
        return built

    def pasted(self, mount: str, group: str, inline: bool = True) -> bytes:
        """Return the tag to paste into pages, whose URL stays the same across our versions."""
        src = f"{mount}/{self._names.prefix}/{self.file(lasting=True)}"
        token = self._tokens.page(group)
        return tag.build(src, self._names.attribute, token, csp.CspPermissions(inline=inline))

    def file(self, lasting: bool = False) -> str:
        """Return the file name of the tag's script, with the query that configures it."""

        def name(which: str) -> str:
            # A hash that no content has: such a URL is cached for minutes, not for a year.
            return self._names.script(which, _LASTING if lasting else script(which).content_hash)

        config = self._config
        file = name("detect")
        minutes = config.reuse_minutes if counts(config.level) else 0
        if not minutes and not config.single_page and not config.consent:
            return file
        from detector.core.html.preload import Preload

        signals = config.gpc == "local"
        entry = self._names.storage_key if minutes else ""
        query = Preload(file[:-3], minutes, config.single_page, signals, config.consent, entry)
        return f"{name('preload')}?{query}"
