"""The command `detector doctor URL`: looks at a deployed site from outside.

It comes with the User-Agent of a browser, since robots get an empty control answer and private
pages without a tag (see detector/visitor.py): a robot would find every site ill.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from urllib.parse import urljoin, urlsplit

from detector.doctor.examine import examine
from detector.doctor.fetching import DoctorError, Fetcher
from detector.doctor.list_looks import open_lists
from detector.doctor.table import table

__all__ = ["DoctorError", "run"]


def run(args: argparse.Namespace) -> int:
    """Look and tell: 0 all is well, 1 an error was found; raises DoctorError."""
    url = _address(args.url)
    more = [_same_host(url, path) for path in args.paths]
    judge = open_lists(args.lists) if args.lists else None
    fetcher = Fetcher(args.user_agent, args.timeout, args.insecure)
    findings = examine(fetcher, url, more, judge)
    errors = sum(finding.level == "error" for finding in findings)
    if args.json:
        warnings = sum(finding.level == "warning" for finding in findings)
        found = [asdict(finding) for finding in findings]
        whole = {"url": url, "ok": not errors, "errors": errors, "warnings": warnings}
        print(json.dumps({**whole, "findings": found}, indent=2))
    else:
        print(table(findings))
    return 1 if errors else 0


def _address(text: str) -> str:
    url = text if "://" in text else "https://" + text
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        good = False
    if not good or not url.isascii() or any(c.isspace() or c < " " for c in url):
        raise DoctorError(f"{text!r} is no address of a page: give one like https://news.example/")
    return url.partition("#")[0]


def _same_host(url: str, path: str) -> str:
    whole = _address(urljoin(url, path))
    if urlsplit(whole).netloc != urlsplit(url).netloc:
        raise DoctorError(f"--paths: {path!r} is on another host: run the doctor for it by itself")
    return whole
