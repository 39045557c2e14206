"""The notice's languages."""

from __future__ import annotations

from pathlib import Path
from typing import Final

ENGLISH: Final = "en"
FOLDER: Final = Path(__file__).with_name("locale")
"""The translations: `.po` files, and the `.mo` files that scripts/texts makes of them."""

LOCALES: Final = (ENGLISH, *sorted(file.stem for file in FOLDER.glob("*.mo")))
"""The languages: English, and each that has a translation."""
