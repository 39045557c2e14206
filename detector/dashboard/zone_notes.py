"""What the page says about its days: whose they are, and where they are those of UTC."""

from __future__ import annotations

from detector.dashboard import formats
from detector.dashboard.choice import Choice
from detector.dashboard.texts import _, plural


def zone_note(choice: Choice) -> str:
    """Return in whole sentences what has to be known of the times of a choice."""
    days, found = choice.days, [_("Time zone: %(zone)s.", zone=choice.days.name)]
    if not days.border:
        return found[0]
    if choice.since < days.border:
        border = formats.moment(days.at(days.border), "day")
        found.append(
            _("Days before %(day)s are those of UTC: old counts are kept by its days.", day=border)
        )
    if choice.step == "hour":
        return " ".join(found)
    if choice.step == "day":
        found += [
            plural(
                "%(day)s lies at that border and has %(n)s hour.",
                "%(day)s lies at that border and has %(n)s hours.",
                hours,
                day=formats.moment(days.at(start), "day"),
                n=formats.number(hours),
            )
            for start in (days.bucket(days.border - 1, "day"), days.bucket(days.border, "day"))
            if days.is_mixed(start) and choice.since <= start < choice.until
            for hours in [days.hours(start)]
        ]
    if not days.begin_on_the_hour(choice.since, choice.until - 1):
        found.append(_("Counts are kept by the hour: an hour is in the day in which it begins."))
    return " ".join(found)
