"""The report: is it accepted by POST alone, with the empty 204 that every report gets."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from detector.core.reports.parser import KEYS
from detector.doctor.findings import Finding, error, ok
from detector.doctor.visit import Visit, front_server
from detector.doctor.web import Answer

_CHECK = "report"
# What firewalls answer: forbidden, not acceptable, no such content type, no such method.
_FIREWALL = (403, 406, 415, 501)


def taken(visit: Visit) -> list[Finding]:
    """Send a report that is refused, and request the address by GET, which must be refused too."""
    url = visit.at(str(visit.bootstrap["report_url"]))
    sent, asked = visit.send(url, _report(visit)), visit.ask(url, "fetch")
    path = urlsplit(url).path
    found = []
    if sent.status != 204:
        found.append(_lost(visit, sent, path))
    if asked.status != 405:
        seen = f"answers {asked.status}" if asked.status else f"does not answer: {asked.failed}"
        found.append(
            error(
                _CHECK,
                f"The address of reports {path} {seen} to GET rather than 405: something other "
                "than the detector answers.",
                f"Pass this folder to the app. {front_server(visit)}",
            )
        )
    return found or [ok(_CHECK, "A report is accepted (204), and only by POST.")]


def _report(visit: Visit) -> bytes:
    """Build a report as the script does, but without a state: it is refused, and not counted."""
    values = {"view_token": visit.bootstrap["token"], "page_token": visit.tag.token, "state": ""}
    body = {KEYS[name]: value for name, value in {**values, "kind": None, "failed": []}.items()}
    return json.dumps(body, separators=(",", ":")).encode()


def _lost(visit: Visit, sent: Answer, path: str) -> Finding:
    """Describe what happened to a report that was not accepted, and what must let it pass."""
    page = sent.status == 200 and sent.type == "text/html"
    if page or sent.status in _FIREWALL:
        seen = "an HTML page" if page else str(sent.status)
        return error(
            _CHECK,
            f"A report to {path} answers {seen} rather than 204: a firewall in front of the app "
            "refuses it, and nothing is counted.",
            "Allow POST of application/json to this path. In the OWASP Core Rule Set these are "
            "rules 911100 (methods) and 920420 (content types); docs/how-to/firewalls.md has more. "
            f"ModSecurity, before its rules: {_modsecurity(path)} {front_server(visit)}",
        )
    seen = f"answers {sent.status}" if sent.status else f"does not answer: {sent.failed}"
    return error(
        _CHECK,
        f"A report to {path} {seen} rather than 204: nothing is counted.",
        "Let POST reach the app below this folder, past firewalls and CSRF checks. "
        f"{front_server(visit)}",
    )


def _modsecurity(path: str) -> str:
    """Return the line that disables the rule set for one path and for nothing else."""
    return (
        f'SecRule REQUEST_FILENAME "@streq {path}" '
        '"id:9200,phase:1,pass,nolog,ctl:ruleRemoveByTag=OWASP_CRS"'
    )
