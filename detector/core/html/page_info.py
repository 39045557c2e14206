"""What a site tells of a page that is on its way out, beside status and headers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class PageInfo(Protocol):
    """Asked only for what is tagged: an adapter may have to look it up, and may fail."""

    @property
    def mount(self) -> str:
        """The path that the site is mounted under."""

    @property
    def group(self) -> str:
        """The route of the page."""

    @property
    def nonce(self) -> str:
        """The nonce that the framework tells, taken where the response's policies accept it."""

    @property
    def path(self) -> str:
        """The page's path below the mount."""

    @property
    def notice(self) -> str:
        """A mode that the site wants for this page; asked only where no shared cache keeps it."""

    @property
    def query(self) -> str:
        """The page's own query, which may have a link's token."""


@dataclass(frozen=True, slots=True)
class KnownPage:
    """An `PageInfo` whose answers are known beforehand."""

    mount: str = ""
    group: str = ""
    nonce: str = ""
    path: str = ""
    notice: str = ""
    query: str = ""


NO_PAGE_INFO = KnownPage()
