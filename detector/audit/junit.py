"""The report as JUnit XML: a suite for each blocker, with a case for each page.

What broke is a failure, a page that could not be visited an error, in the attributes that Jenkins,
GitLab and GitHub's actions read. A picture is named in `system-out` in the form that GitLab and
Jenkins display.
"""

from __future__ import annotations

from pathlib import PurePath
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from detector.audit import wording
from detector.audit.model import PageVisit, Problem, Report, Under

_LONG = 4000


def junit(report: Report, folder: PurePath | None = None) -> bytes:
    """Return the XML; `folder` leads to the pictures, relative to where the results are read."""
    root = Element("testsuites", name=wording.line(f"detector audit of {report.site}"))
    visits = wording.by_place(report)
    for under in report.blockers:
        root.append(_suite(report, under, visits, folder))
    if report.stopped:
        suite = SubElement(root, "testsuite", name="audit", timestamp=_when(report))
        case = _case(suite, "audit", "runs to its end")
        _told(case, "error", "stopped", "the audit was stopped before its end")
        _count(suite)
    for name in ("tests", "failures", "errors", "skipped"):
        root.set(name, str(sum(int(one.get(name, "0")) for one in root)))
    root.set("time", f"{sum(float(one.get('time', '0')) for one in root):.2f}")
    ElementTree.indent(root)
    data: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return data + b"\n"


def _suite(
    report: Report,
    under: Under,
    visits: dict[tuple[str, str], PageVisit],
    folder: PurePath | None,
) -> Element:
    suite = Element("testsuite", name=wording.line(under.name), timestamp=_when(report))
    properties = SubElement(suite, "properties")
    SubElement(properties, "property", name="blocker", value=wording.line(under.label))
    if under.missing:
        case = _case(suite, under.name, "runs to its end")
        _told(case, "error", "blocker", under.missing)
    for url in report.pages:
        case = _case(suite, under.name, wording.page_name(url, report.site, _LONG))
        visit = visits.get((url, under.name))
        if visit is None:
            SubElement(case, "skipped", message="was not visited")
        else:
            _result(case, visit, folder)
    _count(suite)
    return suite


def _case(suite: Element, blocker: str, name: str) -> Element:
    return SubElement(
        suite, "testcase", classname=f"audit.{wording.line(blocker)}", name=name, time="0.00"
    )


def _result(case: Element, visit: PageVisit, folder: PurePath | None) -> None:
    case.set("time", f"{visit.seconds:.2f}")
    if visit.error:
        _told(case, "error", "visit", visit.error)
    elif visit.new:
        kinds = ", ".join(dict.fromkeys(one.kind for one in visit.new))
        _told(case, "failure", kinds, *map(_sentence, visit.new))
    said = [f"{visit.url}", f"verdict: {wording.verdict(visit)}"]
    said.append(f"{wording.some(len(wording.stopped(visit)), 'request')} blocked")
    said += [f"known: {_sentence(one)}" for one in visit.problems if one.known]
    if visit.picture and folder is not None:
        said.append(f"[[ATTACHMENT|{(folder / visit.picture).as_posix()}]]")
    SubElement(case, "system-out").text = "\n".join(wording.line(one) for one in said)


def _sentence(one: Problem) -> str:
    told = [f"{one.kind}: {one.text}", *map(wording.cause, one.causes), wording.advice(one)]
    return "; ".join(text for text in told if text)


def _told(case: Element, name: str, sort: str, *texts: str) -> None:
    """Add what went wrong: short as an attribute, in full as text; readers show one of them."""
    first = wording.line(texts[0])
    message = first if len(texts) == 1 else f"{wording.some(len(texts), 'problem')}: {first}"
    element = SubElement(case, name, message=message, type=sort)
    element.text = "\n".join(wording.cut(one, _LONG) for one in texts)


def _count(suite: Element) -> None:
    cases = suite.findall("testcase")
    suite.set("tests", str(len(cases)))
    for plural, name in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(plural, str(sum(case.find(name) is not None for case in cases)))
    suite.set("time", f"{sum(float(case.get('time', '0')) for case in cases):.2f}")


def _when(report: Report) -> str:
    # Readers of JUnit XML expect a time without its zone.
    return report.began.partition("+")[0].removesuffix("Z")
