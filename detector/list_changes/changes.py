"""What a newer list does to names of a site that an older one did not, and the other way round."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from detector.core.baits.pool import Pool
from detector.filter_lists.explain import Explainer
from detector.filter_lists.rule_index import Mark
from detector.lint.files import Content
from detector.lint.findings import Finding, Judge, findings
from detector.lint.names import Name
from detector.list_changes.site import SitePage
from detector.list_changes.site_rules import SiteRule, about


@dataclass(slots=True)
class Change:
    """A name that only one of two lists acts on, with the rules of that list, and where it is."""

    name: Name
    level: str
    rules: tuple[Mark, ...]
    places: list[str] = field(default_factory=list)

    @property
    def fails(self) -> bool:
        """Whether it concerns the site itself, and not an address of another one."""
        return self.level != "note"


@dataclass(frozen=True, slots=True)
class Changes:
    """All changes: what is new, what is gone, and the rules about the site's own hosts."""

    new: tuple[Change, ...]
    gone: tuple[Change, ...]
    rules: tuple[SiteRule, ...]


class Comparison:
    """Two versions of some lists, compiled once."""

    def __init__(self, old: Explainer, new: Explainer) -> None:
        self._old, self._new = old, new

    def of(
        self, pages: Sequence[SitePage], files: Sequence[Content], site: str, pool: Pool
    ) -> Changes:
        """Return what changes on pages and in files; `site` is the address files are under.

        Classes of the pool are left out: a page has them because our detector put them there.
        """
        ours = {*pool.elements}
        sides = []
        for explainer in (self._old, self._new):
            found = [
                one
                for page in pages
                for one in findings([page.content], Judge(explainer, page.url))
                if not (one.name.kind == "class" and one.name.text in ours)
            ]
            sides.append([*found, *findings(files, Judge(explainer, site))])
        before, after = sides
        rules = about(pages, self._old.sources, self._new.sources)
        return Changes(_only(after, before), _only(before, after), rules)


def _only(found: Iterable[Finding], other: Iterable[Finding]) -> tuple[Change, ...]:
    """Return what is found on one side only, each name once with its places."""
    known = {_key(one) for one in other}
    made: dict[tuple[str, str, str], Change] = {}
    for one in found:
        if _key(one) not in known:
            key = (one.name.text, one.name.kind, one.level)
            change = made.setdefault(key, Change(one.name, one.level, one.rules))
            change.places.append(_place(one))
    for change in made.values():
        change.places = list(dict.fromkeys(change.places))
    return tuple(made.values())


def _key(one: Finding) -> tuple[str, str, str]:
    return one.file, one.name.kind, one.name.text


def _place(one: Finding) -> str:
    return f"{one.file}:{one.name.line}:{one.name.column}" if one.name.line else one.file
