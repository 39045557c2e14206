"""The chart as a PNG, which mail programs show; resvg draws the dashboard's own SVG."""

from __future__ import annotations

from functools import cache

import resvg_py

_SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="{}" height="{}" '
_ZOOM = 2
"""Pixels of the picture per pixel of the page, for sharp screens."""
# The light colors of style.css; resvg knows no variables of CSS, and takes
# sans-serif for Arial alone.
_STYLE = """
text { font-size: 12px; fill: #5a6273; }
text { font-family: 'DejaVu Sans', 'Noto Sans', 'Liberation Sans', Arial, Helvetica, sans-serif; }
.end { text-anchor: end; }
.mid { text-anchor: middle; }
.grid { stroke: #dfe3ea; }
.line { fill: none; stroke-linejoin: round; stroke-linecap: round; stroke-width: 2.2; }
path.blocked { stroke: #c8451c; }
path.unreachable { stroke: #5b54c9; stroke-dasharray: 5 4; stroke-width: 1.8; }
path.partial { stroke-dasharray: 1 5; }
circle { stroke-width: 2; }
circle.blocked { fill: #c8451c; }
circle.unreachable { fill: #5b54c9; }
circle.blocked.partial { fill: #ffffff; stroke: #c8451c; }
circle.unreachable.partial { fill: #ffffff; stroke: #5b54c9; }
.area { fill: #c8451c; fill-opacity: 0.12; }
rect.volume { fill: #b9c1d1; }
rect.volume.partial { fill: none; stroke: #5a6273; stroke-dasharray: 3 2; }
.mark line { stroke: #5a6273; stroke-dasharray: 2 3; }
.mark text { font-weight: bold; }
"""


def png(svg: str, size: tuple[int, int]) -> bytes:
    """Return a chart as a PNG on white."""
    sized = svg.replace("<svg ", _SVG.format(*size), 1)
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=sized, style_sheet=_STYLE, background="#ffffff", zoom=_ZOOM
        )
    )


@cache
def has_fonts() -> bool:
    """Whether this machine has a font, without which the chart has no words and numbers."""
    text, none = (
        png(f'<svg viewBox="0 0 20 20"><text x="2" y="16">{word}</text></svg>', (20, 20))
        for word in ("8", "")
    )
    return text != none
