"""An audit as JUnit XML, the form that continuous integration shows: a suite for each blocker."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from detector.qa.audit.model import Look, Report, Under

# What XML 1.0 cannot hold, even escaped.
_NEVER = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
LONGEST = 4000


def junit(report: Report) -> bytes:
    """Give the report: a case for each page, failed by its problems or in error."""
    root = ElementTree.Element("testsuites", name=_text(f"ad blockers on {report.site}"))
    for under in report.blockers:
        _suite(root, report, under)
    _sum_up(root, list(root))
    ElementTree.indent(root)
    text: bytes = ElementTree.tostring(root, "utf-8", xml_declaration=True)
    return text


def _suite(root: ElementTree.Element, report: Report, under: Under) -> None:
    suite = ElementTree.SubElement(root, "testsuite", name=_text(under.name))
    properties = ElementTree.SubElement(suite, "properties")
    ElementTree.SubElement(properties, "property", name="blocker", value=_text(under.label))
    for url in report.pages:
        if look := report.of(url, under.name):
            _case(suite, look)
    if under.missing:
        case = _new_case(suite, under.name, "the blocker itself", 0.0)
        _say(case, "error", under.missing, under.missing)
    _sum_up(suite, list(suite.iter("testcase")), report.began)


def _case(suite: ElementTree.Element, look: Look) -> None:
    case = _new_case(suite, look.blocker, look.url, look.seconds)
    if look.error:
        _say(case, "error", look.error, look.error)
    elif look.problems:
        first, more = look.problems[0].text, len(look.problems) - 1
        short = f"{first} (and {more} more)" if more else first
        _say(case, "failure", short, "\n".join(f"{one.kind}: {one.text}" for one in look.problems))


def _new_case(
    suite: ElementTree.Element, blocker: str, name: str, seconds: float
) -> ElementTree.Element:
    return ElementTree.SubElement(
        suite,
        "testcase",
        name=_text(name),
        classname=_text(f"audit.{blocker}"),
        time=f"{seconds:.2f}",
    )


def _say(case: ElementTree.Element, tag: str, short: str, whole: str) -> None:
    said = ElementTree.SubElement(case, tag, message=_text(short)[:300], type=tag)
    said.text = _text(whole)


def _sum_up(parent: ElementTree.Element, parts: list[ElementTree.Element], began: str = "") -> None:
    """Write the sums that readers of the format expect."""
    cases = list(parent.iter("testcase"))
    parent.set("tests", str(len(cases)))
    parent.set("failures", str(len(list(parent.iter("failure")))))
    parent.set("errors", str(len(list(parent.iter("error")))))
    parent.set("time", f"{sum(float(one.get('time', 0)) for one in parts):.2f}")
    if began:
        parent.set("timestamp", began)


def _text(text: str) -> str:
    return _NEVER.sub("\ufffd", text)[:LONGEST]
