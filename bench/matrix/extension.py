"""Manifest V3 blockers as unpacked extensions: rule sets, and hiding by a user style sheet."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bench.matrix.browsers import Start, Started, running, visitors
from bench.matrix.bundles import MODULES, NotInstalled
from bench.matrix.dnr import Rule, dnr_rules, style_sheet
from detector.testing.blockers.extension import worker_of
from detector.testing.internet import Internet
from detector.testing.ublock import Package

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Playwright

SHEET = "generic.css"
STAND_IN = "stand-in.js"
WORKER = """const css = SHEET;
const inject = ({ tabId, frameId }) => chrome.scripting.insertCSS({
  target: { tabId, frameIds: [frameId] }, files: [css], origin: "USER" }).catch(() => {});
if (css) chrome.webNavigation.onCommitted.addListener(inject);
globalThis.ready = chrome.declarativeNetRequest.getEnabledRulesets();
"""


def write_extension(folder: Path, rules: list[Rule], css: str) -> None:
    """Write an extension that blocks by `rules` and hides by `css`; either may be empty."""
    manifest: dict[str, object] = {
        "manifest_version": 3,
        "name": "Rules",
        "version": "1",
        "permissions": ["declarativeNetRequest", "scripting", "webNavigation"],
        "host_permissions": ["<all_urls>"],
        "background": {"service_worker": "worker.js"},
        "web_accessible_resources": [{"resources": [STAND_IN], "matches": ["<all_urls>"]}],
    }
    if rules:
        resource = {"id": "rules", "enabled": True, "path": "rules.json"}
        manifest["declarative_net_request"] = {"rule_resources": [resource]}
    sheet = json.dumps(SHEET if css else "")
    files = {
        "manifest.json": json.dumps(manifest),
        "rules.json": json.dumps(rules),
        SHEET: css,
        STAND_IN: "(() => {})();\n",
        "worker.js": WORKER.replace("SHEET", sheet),
    }
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")


def easylist() -> list[str]:
    """Return the lines of the EasyList in Debian's uBlock Origin package."""
    return Package.required().list_path("easylist").read_text("utf-8").splitlines()


def adguard_rules() -> list[Rule]:
    """Return AdGuard's own compiled rules of its base list."""
    path = MODULES / "@adguard/dnr-rulesets/dist/filters/declarative/ruleset_2/ruleset_2.json"
    if not path.exists():
        raise NotInstalled("AdGuard's rule sets are missing: start with bench/matrix/run")
    rules: list[Rule] = json.loads(path.read_text("utf-8"))
    for rule in rules:
        rule.pop("metadata", None)
        redirect = rule["action"].get("redirect", {})
        # Its stand-in scripts are not included; a redirect to one leads to an empty file.
        if "extensionPath" in redirect:
            redirect["extensionPath"] = f"/{STAND_IN}"
    return rules


def extension(kind: str) -> Start:
    """Return what starts Chromium with an extension: adguard, easylist, requests or elements."""
    return partial(_start, kind=kind)


@contextmanager
def _start(playwright: Playwright, net: Internet, *, kind: str) -> Iterator[Started]:
    lines = easylist()
    rules = adguard_rules() if kind == "adguard" else dnr_rules(lines)
    css = style_sheet(lines)
    with tempfile.TemporaryDirectory(prefix="extension-") as folder:
        write_extension(
            Path(folder), [] if kind == "elements" else rules, "" if kind == "requests" else css
        )
        name = f"rules-{kind}"
        with running(name, playwright, net, extensions={name: folder}) as found:
            found.watch(_wait_for_rules)
            label = f"Chromium {found.version} + an extension ({LABELS[kind]})"
            yield Started(label, visitors(found))


def _wait_for_rules(context: BrowserContext) -> None:
    worker_of(context).evaluate("() => globalThis.ready")


LABELS = {
    "adguard": "AdGuard's rules, EasyList's hiding",
    "easylist": "EasyList as rules and style sheet",
    "requests": "EasyList as rules only",
    "elements": "EasyList's hiding only",
}
