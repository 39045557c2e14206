"""Updates the dashboard's catalogs to the texts that are marked in its code and templates.

`scripts/texts` runs it after the notice's. An empty `.po` file begins a new language.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from detector.analytics.baits import WHERE
from detector.core.vocabulary import REASONS
from detector.dashboard.texts import FOLDER
from scripts.catalogs import Plain, written

KEYWORDS = {"_": None, "N_": None, "plural": (1, 2), "ngettext": (1, 2), "gettext": None}
_METHODS = [("**.py", "python"), ("templates/**.html", "jinja2.ext.babel_extract")]
_OPTIONS = {
    "templates/**.html": {
        "trim_blocks": "true",
        "lstrip_blocks": "true",
        "newstyle_gettext": "true",
    }
}

Text = str | tuple[str, ...]


def sources() -> list[Text]:
    """Return every text of the dashboard, a plural one as its two English forms."""
    found: dict[Text, None] = {}
    for _, _, text, _, _ in _marked():
        found[text] = None
    for word in (*REASONS.values(), *filter(None, WHERE.values())):
        found[word] = None
    return list(found)


def _marked() -> Iterator[tuple[str, int, Text, list[str], str | None]]:
    return extract_from_dir(
        FOLDER.parent, method_map=_METHODS, options_map=_OPTIONS, keywords=KEYWORDS
    )


def followed(locale: str, english: Iterable[Text]) -> Catalog:
    """Return a language's catalog with exactly these English texts; new ones are empty."""
    tag = locale.replace("-", "_")
    with (FOLDER / f"{locale}.po").open("rb") as file:
        old = read_po(file, locale=tag, abort_invalid=True)
    new = Plain(tag, fuzzy=False)
    name = new.locale.english_name if new.locale else locale
    new.header_comment = f"# {name} texts of the dashboard. Not yet read by a native speaker."
    for text in english:
        key = text if isinstance(text, str) else text[0]
        was = old.get(key)
        plural = isinstance(text, tuple)
        kept = was is not None and isinstance(was.string, tuple | list) == plural
        empty = ("",) * new.num_plurals if plural else ""
        new.add(text, was.string if was and kept else empty)
    return new


def files() -> Iterator[tuple[Path, bytes]]:
    """Yield each catalog's files with their fresh contents."""
    english = sources()
    for po in sorted(FOLDER.glob("*.po")):
        made = written(followed(po.stem, english))
        yield from zip((po, po.with_suffix(".mo")), made, strict=True)
