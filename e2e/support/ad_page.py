"""A page with one ad of an ad network, whose host the test internet answers."""

from __future__ import annotations

from e2e.support.newspaper import EMPTY

LIBRARY = "https://pagead2.googlesyndication.com/pagead/js/adsbygoogle.js"
SLOT = (
    '<ins class="adsbygoogle" style="display:inline-block;width:300px;height:250px" '
    'data-ad-slot="1"></ins><script>(adsbygoogle = window.adsbygoogle || []).push({});</script>'
)
AD_PAGE = EMPTY.replace("</head>", f'<script async src="{LIBRARY}"></script></head>').replace(
    "</body>", SLOT + "</body>"
)
FILLED = "() => document.querySelector('ins iframe')?.getBoundingClientRect().height > 1"
"""Whether the ad of the page is seen."""
