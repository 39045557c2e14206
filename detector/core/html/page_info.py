"""What a site knows of a page besides its status and headers."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class PageInfo(Protocol):
    """Read only for pages that are tagged: an adapter may have to look it up, and may fail."""

    @property
    def mount(self) -> str:
        """The path that the site is mounted under."""

    @property
    def group(self) -> str:
        """The route of the page."""

    @property
    def nonce(self) -> str:
        """The framework's nonce, used where the response's policies accept it."""

    @property
    def path(self) -> str:
        """The page's path below the mount."""

    @property
    def notice(self) -> str:
        """The site's mode for this page, or `AD_FREE`.

        Read only where no shared cache may store the page.
        """

    @property
    def query(self) -> str:
        """The page's own query, which may contain a preview link's token."""


class KnownPage(NamedTuple):
    """A `PageInfo` whose values are known in advance."""

    mount: str = ""
    group: str = ""
    nonce: str = ""
    path: str = ""
    notice: str = ""
    query: str = ""


NO_PAGE_INFO = KnownPage()
