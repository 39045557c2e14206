"""The guard of Playwright's driver: one known fault is ignored, any other is not."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from playwright._impl._driver import compute_driver_executable

from detector.testing import driver
from detector.testing.driver import DriverUnknown, guard_driver, keep_headers_on_site, keeps_headers

FAULT = "function _onNavigationCommitted() { null._name } "


def run(code: str) -> subprocess.CompletedProcess[str]:
    """Run code in the driver's own Node.js with this process's environment."""
    node = Path(compute_driver_executable()[0])
    return subprocess.run(
        [node, "-e", code], capture_output=True, text=True, check=False, env=os.environ
    )


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (FAULT + "setTimeout(_onNavigationCommitted); setTimeout(() => console.log('on'), 20)", 0),
        ("setTimeout(() => { throw new Error('another') })", 1),
    ],
)
def test_guard(monkeypatch: pytest.MonkeyPatch, code: str, status: int) -> None:
    """The driver survives its known fault and exits with any other."""
    monkeypatch.delenv("NODE_OPTIONS", raising=False)
    assert run(FAULT + "_onNavigationCommitted()").returncode == 1
    guard_driver()
    guard_driver()
    assert os.environ["NODE_OPTIONS"].count("--require") == 1
    done = run(code)
    assert done.returncode == status, done.stderr
    assert status == 1 or done.stdout == "on\n"


def test_headers_are_kept_by_known_drivers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A driver without the three places that are changed is refused, with the version that has."""
    monkeypatch.delenv("NODE_OPTIONS", raising=False)
    bundle = tmp_path / "coreBundle.js"
    monkeypatch.setattr(driver, "_bundle", lambda: bundle)
    for text in (None, "", "applyHeadersOverrides(originalHeaders, headersOverride)"):
        if text is not None:
            bundle.write_text(text)
        with pytest.raises(DriverUnknown, match=r"pip install 'playwright==1\.64"):
            keep_headers_on_site()
        assert not keeps_headers()
    monkeypatch.undo()
    monkeypatch.setenv("NODE_OPTIONS", "")
    keep_headers_on_site()
    assert keeps_headers()
    assert run("").returncode == 0


PLACES = """module.exports = (before, url, overrides) => {
  const applyHeadersOverrides = (original, overrides) => overrides;
  const requestPausedEvent = { request: { url } }, event = requestPausedEvent;
  const existingRequest = before, redirectedFrom = before, alreadyContinuedParams = {};
  const originalHeaders = [...overrides, { name: "accept", value: "*/*" }];
  let again = false;
  if (alreadyContinuedParams && !event.redirectedRequestId) { again = true; }
  return [again, applyHeadersOverrides(originalHeaders, overrides).map((one) => one.value)];
};"""
CALL = """const request = (url, from) => ({ url: () => url, redirectedFrom: () => from,
  _headers: [{ name: "Accept-Language", value: "en" }] });
const first = request("https://club.example/go"), own = request("https://club.example/a", first);
const set = [{ name: "authorization", value: "secret" }, { name: "accept-language", value: "de" }];
const changed = require(FILE);
console.log(JSON.stringify(["https://club.example/b", "https://other.example/", "http://club.example/"]
  .map((url) => changed({ request: own }, url, set))));"""


def test_headers_stay_with_the_origin_of_the_first_request(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Another origin gets what the browser would send; a redirect there is no repeated request."""
    monkeypatch.setenv("NODE_OPTIONS", "")
    keep_headers_on_site()
    bundle = tmp_path / "coreBundle.js"
    bundle.write_text(PLACES)
    done = run(CALL.replace("FILE", json.dumps(str(bundle))))
    same, *others = json.loads(done.stdout)
    assert same == [True, ["secret", "de"]]
    assert others == [[False, ["*/*", "en"]]] * 2
