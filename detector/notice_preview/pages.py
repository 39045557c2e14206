"""The HTML of the gallery and of the sample page; independent of HTTP."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from html import escape
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from detector.core.texts.locales import LOCALES
from detector.core.texts.negotiation import direction
from detector.notice_preview.cases import AWAY, WIDTHS, Case, cases, languages, modes

if TYPE_CHECKING:
    from detector.core.config.options import Config

SCALE = {"phone": 0.6, "tablet": 0.38, "desktop": 0.38}
OPENED = ("corner, steps opened", "corner", "&open=1")
_LINK = '<a href="#" aria-label="Section {0}"><i></i></a>'
_PARAGRAPH = '<p><a href="#" aria-label="Story {0}"><i class="line short"></i></a></p>' + (
    '<i class="line"></i>' * 4 + '<i class="line short"></i>'
)


@cache
def _template(name: str) -> Template:
    return Template(files(__package__).joinpath(name).read_text("utf-8"))


def sample(case: Case, language: str, variant: str = "") -> str:
    """Return the sample page of one case, with the texts of a variant."""
    wide, _, high = (case.place or "0x0").partition("x")
    texts = {"theme": case.theme, "width": case.width, "l": language, "i": "unsure"}
    texts |= {"y": variant} if variant else {}
    texts |= {"m": "slot", "s": "1"} if case.mode == AWAY else {"m": case.mode}
    return _template("article.html").substitute(
        lang=escape(language),
        dir=case.direction,
        theme=case.theme,
        width=case.width,
        mode=escape(case.mode),
        wide=wide,
        high=high,
        state="unreachable" if case.mode == AWAY else "blocked",
        texts="texts?" + urlencode(texts),
        slots=".place" if case.place else "ins",
        sections="".join(_LINK.format(number) for number in range(1, 5)),
        text="\n".join(_PARAGRAPH.format(number) for number in range(1, 7)),
        aside='<i class="line short"></i>' * 9,
    )


def gallery(config: Config, asked: str = "", variant: str = "") -> str:
    """Return the page with every case in a frame of its own, the notice in one language or two.

    It has the texts of a variant, or those of the site.
    """
    spoken = languages(config, asked)
    found = modes(config)
    parts = ["<h1>The notice on your site</h1>", *_notes(config)]
    parts.append(_form(asked or config.locale, [one["name"] for one in config.variants], variant))
    more = "&variant=" + variant if variant else ""
    parts.append('<p class="jump">' + " ".join(f'<a href="#{m}">{m}</a>' for m in found) + "</p>")
    for mode in found:
        mine = " (yours)" if mode == config.notice else ""
        parts.append(f'<h2 id="{mode}">{mode}{mine}</h2><div class="row">')
        parts += [
            _frame(case, spoken[case.direction], SCALE[case.width], more) for case in cases([mode])
        ]
        parts.append("</div>")
    return _template("gallery.html").substitute(body="\n".join(parts))


def sheet(config: Config) -> str:
    """Return one page for a single picture: each mode on four screens."""
    spoken = languages(config)
    parts = ['<div class="two">']
    for title, mode, opened in (*((m, m, "") for m in modes(config)), OPENED):
        small, large = ("300x250", "728x90") if mode in ("slot", AWAY) else ("", "")
        shown = (
            (Case(mode, "light", "ltr", "desktop", large), 0.34),
            (Case(mode, "dark", "rtl", "tablet", large), 0.266),
            (Case(mode, "light", "ltr", "phone", small), 0.408),
            (Case(mode, "dark", "rtl", "phone", small), 0.408),
        )
        parts.append(f'<section><h2>{title}</h2><div class="row">')
        parts += [_frame(case, spoken[case.direction], scale, opened) for case, scale in shown]
        parts.append("</div></section>")
    body = "\n".join([*parts, "</div>"]).replace(' loading="lazy"', "")
    return _template("gallery.html").substitute(body=body)


def saved(named: Iterable[Case], language: str) -> str:
    """Return the page that lists the pictures in a folder."""
    parts = [f"<h1>The notice on your site</h1><p>{escape(language)}</p>", '<div class="row">']
    for case in named:
        wide = round(WIDTHS[case.width][0] * SCALE[case.width])
        parts.append(
            f'<figure style="inline-size: {wide}px"><div class="frame"><a href="{case.name}.png">'
            f'<img src="{case.name}.png" alt="" loading="lazy"></a></div>'
            f"<figcaption>{case.name}</figcaption></figure>"
        )
    return (
        _template("gallery.html")
        .substitute(body="\n".join([*parts, "</div>"]))
        .replace(".frame a { position: absolute; inset: 0; }", "")
    )


def _frame(case: Case, language: str, scale: float, more: str = "") -> str:
    wide, high = WIDTHS[case.width]
    url = escape(case.url(language) + more)
    # The frame is a picture: its contents are reached by opening it on its own.
    return (
        f'<figure><div class="frame" style="inline-size: {wide * scale:.0f}px; '
        f'block-size: {high * scale:.0f}px"><iframe src="{url}" width="{wide}" height="{high}" '
        f'style="transform: scale({scale})" loading="lazy" inert tabindex="-1" '
        f'title="{case.name}"></iframe><a href="{url}" aria-label="Open {case.name}"></a></div>'
        f"<figcaption>{case.width} {case.theme} {case.direction} {case.place}</figcaption></figure>"
    )


def _notes(config: Config) -> Sequence[str]:
    notes = ["Open a picture to try the notice. Nothing is counted here."]
    if config.template:
        notes.append(f"Your template {config.template} is used on your pages: this is our card.")
    if (config.look or {}).get("logo", "").startswith("/"):
        notes.append("Your logo is a path of your site, and cannot be loaded here.")
    if config.notice not in modes(config):
        notes.append(f"Your own mode is {config.notice}, which shows nothing of ours.")
    return [f"<p>{escape(note)}</p>" for note in notes]


def _form(chosen: str, variants: Sequence[str], variant: str) -> str:
    options = "".join(
        f'<option{" selected" if tag == chosen else ""} dir="{direction(tag)}">{tag}</option>'
        for tag in LOCALES
    )
    named = "".join(
        f"<option{' selected' if name == variant else ''}>{name}</option>"
        for name in ("", *variants)
    )
    other = f'<label>Variant <select name="variant">{named}</select></label> ' if variants else ""
    return (
        f'<form><label>Language <select name="lang">{options}</select></label> {other}'
        "<button>Show</button></form>"
    )
