"""What to check where nothing was counted, or views without a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from detector.analytics.last_heard import LastHeard, last_heard
from detector.core.counting.store import Store
from detector.core.vocabulary import REASONS
from detector.dashboard.formats import number
from detector.dashboard.overview import Overview
from detector.dashboard.texts import N_, _, gettext

_DOCTOR = Markup('<code dir="ltr">detector doctor https://your-site.example/</code>')
_TAG = N_(
    "Does the page have the tag? This looks at it from outside, names what is missing and how "
    "to fix it: %(command)s"
)
_REPORTS = N_(
    "Reports go to the site’s own address by POST. A firewall, a proxy or the page’s "
    "Content-Security-Policy (connect-src) may stop them: %(command)s"
)
_MOST = 20


@dataclass(frozen=True, slots=True)
class Hints:
    """A heading, what to check in order, and when each site was last heard from."""

    title: str
    checks: tuple[str, ...]
    heard: tuple[LastHeard, ...]
    more: int
    """How many sites are left out."""


def hints(store: Store, found: Overview, sites: Sequence[str]) -> Hints | None:
    """Return what to check, None where there are verdicts; StoreError like the store."""
    if found.choice.only is not None or found.total.measured:
        return None
    heard = [last_heard(store, site) for site in sites[:_MOST]]
    doctor = _with_command(_TAG)
    refused = sum(found.answer.refused.values())
    checks: list[str] = []
    if found.total.views:
        title = _("Pages are viewed, but no verdict has come in this time")
        checks.append(
            _(
                "A verdict comes up to 15 seconds after its view, or when the page is left: look "
                "again in a minute."
            )
        )
        checks.append(_with_command(_REPORTS))
    elif found.total.ad_free:
        title = _("All views in this time are of members, whose pages are not looked at")
    elif not sites:
        title = _("Nothing has come in yet")
        checks.append(doctor)
        checks.append(
            _(
                "Does the site write to this store? Its option store must name the same file or "
                "server as this page. Counts arrive some seconds after a view."
            )
        )
    else:
        title = _("Nothing was counted in this time")
        checks.append(
            _(
                "Choose a longer time, or another site: the table below has when each was last "
                "heard."
            )
        )
        checks.append(doctor)
    if not found.total.views and found.answer.unheard and found.answer.unheard.share.whole:
        checks.append(
            _(
                "Pages sent with the tag: %(n)s, but no script of theirs was heard. A firewall, a "
                "proxy or the page’s Content-Security-Policy may stop it.",
                n=number(found.answer.unheard.share.whole),
            )
        )
    if refused:
        worst = max(found.answer.refused, key=lambda name: found.answer.refused[name])
        checks.append(
            _(
                "Refused reports: %(n)s, most of them: %(reason)s.",
                n=number(refused),
                reason=_(REASONS.get(worst, worst)),
            )
        )
    return Hints(title, tuple(checks), tuple(heard), max(0, len(sites) - _MOST))


def _with_command(text: str) -> Markup:
    """Return a text in the current language, with the command to run in it."""
    return escape(gettext(text)) % {"command": _DOCTOR}
