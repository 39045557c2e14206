"""Updates the translations: `.po` files follow the English texts, `.mo` files follow them.

For work on the texts (`scripts/texts`); the notice's need Babel here alone, not at run time.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from detector.core.texts.locales import FOLDER
from detector.core.texts.steps import BRANDS, GUIDES
from detector.core.texts.words import PRESETS, QUIET, UI
from detector.dashboard.texts import FOLDER as FOLDER_OF_DASHBOARD
from scripts import dashboard_texts
from scripts.catalogs import Plain, written

READ_BY_NATIVE: frozenset[str] = frozenset()
"""Languages of which a native speaker has read every text."""

DOUBT = "needs a native reader"
"""The comment of an entry whose writer was not sure of the language."""


def sources() -> list[tuple[str, str | tuple[str, str]]]:
    """Return every translated text, as context and English text, in the files' order."""
    found: list[tuple[str, str | tuple[str, str]]] = [
        (f"{preset}.{key}", text)
        for preset, texts in PRESETS.items()
        for key, text in texts.items()
    ]
    found += UI.items()
    found.append(("quiet", QUIET))
    names = {guide.name: None for guide in GUIDES if guide.name not in BRANDS}
    found += [("name", name) for name in names]
    steps = {step: None for guide in GUIDES for step in guide.steps}
    return found + [("step", step) for step in steps]


def translated() -> tuple[str, ...]:
    """Return the languages that have a `.po` file; an empty file begins a new one."""
    return tuple(sorted(file.stem for file in FOLDER.glob("*.po")))


def read(locale: str) -> Catalog:
    """Read one language's `.po` file."""
    with po(locale).open("rb") as file:
        return read_po(file, locale=locale.replace("-", "_"), abort_invalid=True)


def po(locale: str) -> Path:
    """Return the path of a language's `.po` file."""
    return FOLDER / f"{locale}.po"


def followed(locale: str) -> Catalog:
    """Return a language's catalogue with exactly the current English texts; new ones are empty."""
    old = read(locale) if po(locale).exists() else Catalog(locale.replace("-", "_"))
    new = Plain(locale.replace("-", "_"), fuzzy=False)
    read_by = "Read" if locale in READ_BY_NATIVE else "Not yet read"
    name = old.locale.english_name if old.locale else locale
    new.header_comment = f"# {name} texts of the notice. {read_by} by a native speaker."
    for context, text in sources():
        was = old.get(text, context=context)
        empty = ("",) * new.num_plurals if isinstance(text, tuple) else None
        string = was.string if was else empty
        doubt = was.auto_comments if was else ()
        new.add(text, string, context=context, auto_comments=doubt)
    return new


def stale(write: bool = False) -> list[Path]:
    """Return the files that differ from the English texts and `.po` files; write them if asked."""
    found = []
    for path, body in (*_files(), *dashboard_texts.files()):
        if not path.exists() or path.read_bytes() != body:
            found.append(path)
            if write:
                path.write_bytes(body)
    return found


def _files() -> Iterator[tuple[Path, bytes]]:
    for locale in translated():
        paths = (po(locale), po(locale).with_suffix(".mo"))
        yield from zip(paths, written(followed(locale)), strict=True)


def main(argv: Sequence[str] | None = None) -> int:
    """Update the files; with --check only name the stale ones."""
    parser = argparse.ArgumentParser(prog="scripts/texts", description=main.__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; 1 when any is stale")
    check = parser.parse_args(argv).check
    found = stale(write=not check)
    for path in found:
        where = "dashboard/" if path.parent == FOLDER_OF_DASHBOARD else ""
        print(f"{where}{path.name}: " + ("stale, run scripts/texts" if check else "written"))
    return 1 if found and check else 0


if __name__ == "__main__":
    sys.exit(main())
