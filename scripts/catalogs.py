"""Catalogs of translations as files: without dates, so that equal texts give equal files."""

from __future__ import annotations

import io

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import write_po

_KEPT = ("Language", "Plural-Forms", "MIME-Version", "Content-Type", "Content-Transfer-Encoding")


class Plain(Catalog):
    """A catalogue without dates and versions in its header, which would make every file stale."""

    def _kept(self) -> list[tuple[str, str]]:
        return [(key, value) for key, value in super().mime_headers if key in _KEPT]

    mime_headers = property(_kept)


def written(catalog: Catalog) -> tuple[bytes, bytes]:
    """Return a catalogue as `.po` and as `.mo`."""
    source, compiled = io.BytesIO(), io.BytesIO()
    write_po(source, catalog, width=100, omit_header=False)
    write_mo(compiled, catalog)
    return source.getvalue(), compiled.getvalue()
