"""The report: is it taken by POST alone, with the empty 204 that every report gets."""

from __future__ import annotations

from urllib.parse import urlsplit

from detector.doctor.findings import Finding, error, ok
from detector.doctor.visit import Visit, front_server

_LOOK = "report"
# Without a token, so that it is refused and nothing is counted but the refusal.
_REFUSED = b'{"t":"","p":"","s":"clear"}'


def taken(visit: Visit) -> list[Finding]:
    """Send a report that is refused, and ask for the address by GET, which must be refused too."""
    url = visit.at(str(visit.control["r"]))
    path = urlsplit(url).path
    sent, asked = visit.send(url, _REFUSED), visit.ask(url, "fetch")
    found = []
    if sent.status != 204:
        seen = f"answers {sent.status}" if sent.status else f"does not answer: {sent.failed}"
        found.append(
            error(
                _LOOK,
                f"A report to {path} {seen} rather than 204: nothing is counted.",
                "Let POST reach the app below this folder, past firewalls and checks of forms. "
                f"{front_server(visit)}",
            )
        )
    if asked.status != 405:
        seen = f"answers {asked.status}" if asked.status else f"does not answer: {asked.failed}"
        found.append(
            error(
                _LOOK,
                f"The address of reports {path} {seen} to GET rather than 405: something else than "
                "the detector answers.",
                f"Let this folder reach the app. {front_server(visit)}",
            )
        )
    return found or [ok(_LOOK, "A report is taken (204), and only by POST.")]
