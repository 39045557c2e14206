"""Sphinx reads this: how the documentation site is built. `scripts/docs` builds it, offline."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# The tree that is documented comes first, whatever else is installed.
sys.path.insert(0, str(ROOT))

from detector import __version__  # noqa: E402

project = "adblock-detector"
author = "The adblock-detector maintainers"
version = release = __version__
language = "en"

extensions = ["myst_parser", "sphinx.ext.autodoc", "docs.extensions.from_code"]
exclude_patterns = ["extensions"]
nitpicky = True
# Types of other libraries have no page here, and nothing is fetched to find theirs.
nitpick_ignore_regex = [("py:.*", ".*")]

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
autodoc_member_order = "bysource"
add_module_names = False
default_role = "code"  # docstrings write code in single backquotes
python_maximum_signature_line_length = 80

html_theme = "furo"
html_title = "adblock-detector"
html_show_sphinx = False
html_show_copyright = False
html_copy_source = False
html_static_path = ["extensions/static"]
html_css_files = ["site.css"]
html_domain_indices = False
smartquotes = False  # quotes in tables belong to code
pygments_style = "friendly"
pygments_dark_style = "monokai"
html_theme_options = {"navigation_with_keys": False}
