"""The doctor on a site behind a real ModSecurity: the rule that refuses reports is named."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest

from tests.doctor.test_faults import REPORT
from tests.support.deployed import detected, news, served
from tests.support.doctoring import Doctor, levels, text
from tests.support.firewall import firewall
from tests.support.root import ROOT

# The doctor connects to a numeric host in these tests, which the rule set blames on robots.
NUMBERED = "SecRuleRemoveById 920350"
STRICT = (
    'SecAction "id:9201,phase:1,nolog,pass,t:none,'
    "setvar:'tx.allowed_request_content_type=|application/x-www-form-urlencoded|'\""
)


@pytest.fixture(scope="module")
def app() -> Iterator[str]:
    """Yield the address of a running site."""
    with served(detected(news())) as url:
        yield url


@pytest.mark.parametrize("paranoia", [1, 2])
def test_nothing_is_found_behind_the_default_rules(doctor: Doctor, app: str, paranoia: int) -> None:
    """By default the rule set passes all requests of a view."""
    with firewall(app, paranoia, after=NUMBERED) as wall:
        assert doctor(f"http://127.0.0.1:{wall.port}/article/a") == (0, [])
        assert wall.hits == []


def test_text_is_refused_by_the_default_rules(app: str) -> None:
    """The rule set refuses text/plain, the earlier type of reports."""
    with firewall(app, 1, after=NUMBERED) as wall:
        http = HTTPConnection("127.0.0.1", wall.port, timeout=30)
        http.request("POST", REPORT, "{}", {"Accept": "*/*", "Content-Type": "text/plain"})
        assert http.getresponse().status == 403
        http.close()
        assert [hit[0] for hit in wall.hits] == ["920420"]


def test_firewall_that_refuses_reports_is_named(doctor: Doctor, app: str) -> None:
    """If JSON is not an allowed type the finding says so, and its line fixes that."""
    with firewall(app, 1, STRICT, NUMBERED) as wall:
        status, found = doctor(f"http://127.0.0.1:{wall.port}/")
    assert (status, levels(found)) == (1, {("report", "error")})
    assert "answers 403 rather than 204: a firewall in front of the app refuses it" in text(found)
    assert "920420 (content types)" in text(found)
    line = re.search(r'SecRule REQUEST_FILENAME "@streq \S+" "[^"]+"', text(found))
    assert line is not None and REPORT in line[0]
    with firewall(app, 1, f"{STRICT}\n{line[0]}", NUMBERED) as wall:
        assert doctor(f"http://127.0.0.1:{wall.port}/") == (0, [])
        assert wall.hits == []


DOCS = ROOT / "docs/how-to/firewalls.md"


@pytest.mark.parametrize("directive", ["SecRule", "SecAction"])
def test_lines_of_the_docs(doctor: Doctor, app: str, directive: str) -> None:
    """Each line that docs/how-to/firewalls.md names lets reports pass."""
    (line,) = re.findall(rf"(?m)^{directive} .*$", DOCS.read_text("utf-8"))
    line = re.sub(r"@streq [^\"]+", f"@streq {REPORT}", line)
    with firewall(app, 1, f"{STRICT}\n{line}", NUMBERED) as wall:
        assert doctor(f"http://127.0.0.1:{wall.port}/") == (0, [])
        assert wall.hits == []
