"""How many bytes a visitor gets."""

from __future__ import annotations

import gzip
import json

from bench.apps import SECRET
from bench.table import Row
from detector.core.assets import script
from detector.core.config.loading import make_config
from detector.core.html import tag
from detector.core.html.csp import CspPermissions
from detector.core.html.headers import by_name
from detector.core.html.page_info import KnownPage
from detector.core.notice.payload import payload
from detector.core.request import Request
from detector.core.site import Site
from detector.core.texts.locales import LOCALES
from detector.core.tokens import GROUP_LENGTH, Tokens

SCRIPT = 2304
NOTICE = 6144
TAG = 400


def run(quick: bool = False) -> list[Row]:
    """Measure the scripts, the notice with its texts, and the tag."""
    out = [
        Row(f"{name}.min.js, gzip as served", len(script(name).packed), "B", at_most=SCRIPT)
        for name in ("detect", "followup", "preload")
    ]
    notice, texts = len(script("notice").packed), _texts()
    out.append(Row("notice.min.js with its css, gzip as served", notice, "B"))
    out.append(Row("texts of the longest language, gzip", texts, "B"))
    out.append(Row("notice, css and one language, gzip", notice + texts, "B", at_most=NOTICE))
    out.append(Row("tag of an article, no nonce", len(_usual_tag()), "B", at_most=TAG))
    out.append(Row("longest tag: nonce, longest group", len(_longest_tag()), "B", at_most=TAG))
    return out


def _texts() -> int:
    """Measure the largest language."""
    sizes = []
    for locale in LOCALES:
        made = json.dumps(payload("corner", locale), ensure_ascii=False, separators=(",", ":"))
        sizes.append(len(gzip.compress(made.encode())))
    return max(sizes)


def _usual_tag() -> bytes:
    site = Site(make_config(secret=SECRET))
    html = [("Content-Type", "text/html; charset=utf-8")]
    injector = site.tagger.injector(
        Request("GET"), 200, by_name(html), KnownPage(group="/<section>/<slug>")
    )
    return injector.tag if injector else b""


def _longest_tag() -> bytes:
    site = Site(make_config(secret=SECRET))
    token = Tokens([SECRET]).page("/" * GROUP_LENGTH)
    src = f"/{site.names.prefix}/{site.names.script('detect', script('detect').content_hash)}"
    src += "?bcfghjbcfghjkm.60.1"
    return tag.build(src, "data-bcf", token, CspPermissions("0123456789abcdef012345=="))
