"""The parts of the WordPress plugin that need no WordPress, run by PHP itself."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from detector.core.html.tag import INLINE
from detector.core.site import Site
from detector.core.vocabulary import CONSENTS, MODES
from detector.serve import wordpress
from detector.serve.sites import ServedSite, read
from detector.testing.machine import missing
from tests.support.root import ROOT
from tests.support.servers import Missing, program
from tests.support.tags import script

PLUGIN = ROOT / "integrations/wordpress/adblock-detector"
FILES = sorted(PLUGIN.rglob("*.php"))
RUN = """define('ABSPATH', '/');
foreach (['settings', 'tag', 'proxy', 'checks'] as $file) { require "$argv[1]/includes/$file.php"; }
$given = json_decode($argv[3], true);
echo json_encode(call_user_func_array('Adblock_Detector\\\\' . $argv[2], $given));"""
SNIFFS = (
    *("Generic.Arrays.DisallowShortArraySyntax", "Generic.PHP.LowerCaseConstant"),
    *("Generic.WhiteSpace.DisallowSpaceIndent", "Generic.PHP.DisallowShortOpenTag"),
    *("Generic.Functions.OpeningFunctionBraceKernighanRitchie", "Generic.PHP.NoSilencedErrors"),
    *("Generic.Classes.DuplicateClassName", "Generic.PHP.ForbiddenFunctions"),
    *("Generic.NamingConventions.UpperCaseConstantName", "Generic.Files.LineEndings"),
    *("Squiz.WhiteSpace.SuperfluousWhitespace", "Squiz.PHP.NonExecutableCode"),
)
SITE = '[sites.news]\nsecret = "the secret of the news site"\nhosts = ["news.example"]\n'
FOLDER = "/bcfghjkm"


def installed(name: str, package: str) -> str:
    """Return the path of a program, or skip the test."""
    try:
        return program(name, package)
    except Missing as error:
        missing(error)


def php(function: str, *given: object) -> Any:
    """Return what a function of the plugin returns."""
    command = [installed("php", "php-cli"), "-r", RUN, str(PLUGIN), function, json.dumps(given)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def served(folder: Path, more: str = "") -> ServedSite:
    """Return the site news, with more options."""
    file = folder / "sites.toml"
    file.write_text(SITE + more)
    return read(file)["news"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.name))
def test_syntax(file: Path) -> None:
    """PHP reads every file of the plugin."""
    done = subprocess.run(
        [installed("php", "php-cli"), "-l", str(file)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


def test_style() -> None:
    """The files follow those of WordPress' rules that PHP_CodeSniffer has by itself."""
    sniffs = ",".join(SNIFFS)
    command = [installed("phpcs", "php-codesniffer"), "--standard=Generic,Squiz"]
    command += [f"--sniffs={sniffs}", str(PLUGIN)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_size() -> None:
    """The plugin has at most 400 lines of code."""
    lines = [line.strip() for file in FILES for line in file.read_text("utf-8").splitlines()]
    marks = ("//", "/*", "*", "<?php")
    assert sum(bool(line) and not line.startswith(marks) for line in lines) <= 400


def test_texts() -> None:
    """The template for translators has every text, and no other."""
    template = (PLUGIN / "languages/adblock-detector.pot").read_text("utf-8")
    listed = {json.loads(text) for text in re.findall(r'^msgid ("..*")$', template, re.M)}
    used = set()
    for file in FILES:
        for text in re.findall(
            r"\b(?:esc_html)?__\( '((?:[^'\\]|\\.)*)', ", file.read_text("utf-8")
        ):
            used.add(text)
    assert listed == used and len(used) > 20


@pytest.mark.parametrize(
    "more",
    ["", 'mount = "/de/blog"\nsingle_page = true\n', 'reuse_minutes = 10\nconsent = "tcf"\n'],
)
def test_the_plugin_prints_the_servers_tag(tmp_path: Path, more: str) -> None:
    """The script's URL, attribute and token are those of `--print-tag`, for every kind of page."""
    site = served(tmp_path, more)
    key = php("read_key", wordpress.key(site, ["recipe"]))
    tagger = Site(site.config, name="news", pasted=True).tagger
    for kind in (*wordpress.KINDS, "recipe"):
        made = php("script", key, kind, "")
        src, token = script(tagger.pasted(site.mount, kind).decode())
        assert (made["src"], next(iter(made.values()))) == (src, token)
        assert next(iter(made)).startswith("data-") and made["async"] is True
    assert php("script", key, "a-type-of-posts", "") == php("script", key, "other", "")
    assert INLINE in (PLUGIN / "includes/tag.php").read_text("utf-8")


def test_modes_of_the_settings(tmp_path: Path) -> None:
    """A mode chosen for a kind of page is a flag of its token; an unknown one is none."""
    key = php("read_key", wordpress.key(served(tmp_path), []))
    for number, mode in enumerate(MODES):
        assert next(iter(php("script", key, "page", mode).values())).endswith(f"~n{number}")
    assert php("script", key, "page", "no-such-mode") == php("script", key, "page", "")


@pytest.mark.parametrize("consent", ["", *CONSENTS])
def test_a_key_is_accepted_whole(tmp_path: Path, consent: str) -> None:
    """A key is accepted as it was printed, for every source of consent."""
    printed = wordpress.key(served(tmp_path, f'consent = "{consent}"\n' if consent else ""), [])
    assert php("read_key", printed) == json.loads(printed)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("folder", '/bcfghjkm"><script>'),
        ("folder", "//evil.example/bcfghjkm"),
        ("folder", "/../bcfghjkm\n"),
        ("folder", "/wp-admin"),
        ("script", "https://evil.example/x.js"),
        ("script", "bcfghjkmnpqrvw.js\n"),
        ("attribute", "onload"),
        ("attribute", "data-adb"),
        ("groups", {"other": 'x" onerror="alert(1)'}),
        ("groups", {"home": "abc"}),
        ("groups", "other"),
        ("modes", ["<b>"]),
        ("site", ["news"]),
        ("site", "ne<ws"),
    ],
)
def test_a_key_with_anything_else_is_refused(tmp_path: Path, name: str, value: object) -> None:
    """What has not the exact form of our names is no key, so that it never gets into a page."""
    key = json.loads(wordpress.key(served(tmp_path), []))
    assert php("read_key", json.dumps(key | {name: value})) is None


@pytest.mark.parametrize("text", ["", "news", "[]", "{}", "null", '"text"', "{", "<script>"])
def test_other_texts_are_no_key(text: str) -> None:
    """Other texts are no key, and no error."""
    assert php("read_key", text) is None


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("http://127.0.0.1:8100", "http://127.0.0.1:8100"),
        (" https://detector.example/ ", "https://detector.example"),
        ("http://[::1]:8100", "http://[::1]:8100"),
        ("127.0.0.1:8100", ""),
        ("http://user:word@127.0.0.1:8100", ""),
        ("http://127.0.0.1:8100/path", ""),
        ("http://127.0.0.1:8100?x=", ""),
        ("file:///etc/passwd", ""),
        ("gopher://127.0.0.1:70", ""),
        ("http://a\r\nHost: b", ""),
        ("http://127.0.0.1:8100\n.evil.example", ""),
    ],
)
def test_addresses_of_the_server(text: str, origin: str) -> None:
    """Only a scheme, a host and a port are an address."""
    assert php("read_origin", text) == origin


def test_every_path_of_a_site_is_passed_on(tmp_path: Path) -> None:
    """Scripts, texts, the report and every bait are passed on, with their queries."""
    site = Site(served(tmp_path).config, pasted=True)
    names = site.names
    paths = [names.report, names.texts + "?l=en&p=newspaper", site.tagger.file(lasting=True)]
    for day in range(40):
        choice = site.baits[names.prefix].choose(day)
        paths += [
            f"{bait.url}{site.tokens.view('1' * 20)}" for pair in choice.requests for bait in pair
        ]
    folder = f"/{names.prefix}"
    for path in {f"{folder}/{path}" for path in paths}:
        assert php("upstream", path, folder) == path


@pytest.mark.parametrize(
    "uri",
    [
        *("", "/", FOLDER, FOLDER + "/", FOLDER + "x/a.js", "/wp-login.php", "/healthz"),
        *(FOLDER + "/../healthz", FOLDER + "/./a.js", FOLDER + "//a.js", FOLDER + "/.git/a"),
        *(FOLDER + "/%2e%2e/healthz", FOLDER + "/a%2fb", FOLDER + "/a\\b", FOLDER + "/a;b"),
        *(FOLDER + "/a\r\nX: y", FOLDER + "/a.js\n", FOLDER + "/a.js?x=\r\ny", FOLDER + "/a b"),
        *("@evil.example" + FOLDER + "/a.js", "http://evil.example" + FOLDER + "/a.js"),
        *(FOLDER + "/" + "a" * 101, FOLDER + "/a" * 9, FOLDER + "/a?" + "a" * 2001),
    ],
)
def test_other_paths_are_not_passed_on(uri: str) -> None:
    """No other path, no spelling that another server could read differently, and nothing long."""
    assert php("upstream", uri, FOLDER) == ""


def test_headers_that_are_passed_on() -> None:
    """What the detector reads is passed on; cookies, credentials and line breaks are not."""
    server = {
        "REMOTE_ADDR": "198.51.100.7",
        "HTTP_HOST": "news.example",
        "HTTP_USER_AGENT": "Mozilla/5.0 (X11)",
        "HTTP_ORIGIN": "https://news.example",
        "HTTP_SEC_FETCH_SITE": "same-origin",
        "HTTP_SEC_GPC": "1",
        "CONTENT_TYPE": "text/plain",
        "HTTP_REFERER": "https://news.example/\r\nX-Evil: 1",
        "HTTP_ACCEPT_LANGUAGE": "x" * 2000,
        "HTTP_COOKIE": "wordpress_logged_in_x=1",
        "HTTP_AUTHORIZATION": "Basic eDp5",
        "HTTP_X_REAL_IP": "203.0.113.9",
        "HTTP_TRANSFER_ENCODING": "chunked",
        "HTTP_CONNECTION": "upgrade",
    }
    assert php("forwarded", server) == {
        "Host": "news.example",
        "User-Agent": "Mozilla/5.0 (X11)",
        "Origin": "https://news.example",
        "Content-Type": "text/plain",
        "Sec-GPC": "1",
        "Sec-Fetch-Site": "same-origin",
        "X-Forwarded-For": "198.51.100.7",
    }


@pytest.mark.parametrize(
    ("before", "passed"),
    [
        ("203.0.113.9", "203.0.113.9, 198.51.100.7"),
        ("2001:db8::1, 10.0.0.1", "2001:db8::1, 10.0.0.1, 198.51.100.7"),
        ("1\r\nX-Evil: 1", "198.51.100.7"),
        ("unknown<script>", "198.51.100.7"),
        ("1" * 501, "198.51.100.7"),
    ],
)
def test_the_visitors_address_is_the_last(before: str, passed: str) -> None:
    """The address that the web server saw is appended, whatever the visitor wrote before it."""
    server = {"REMOTE_ADDR": "198.51.100.7", "HTTP_X_FORWARDED_FOR": before}
    assert php("forwarded", server)["X-Forwarded-For"] == passed


def test_lines_for_the_web_server() -> None:
    """The lines name the folder and the server; nginx' location is before those of files."""
    lines = php("server_lines", "/blog/bcfghjkm", "http://127.0.0.1:8100")
    assert "location ^~ /blog/bcfghjkm/ {\n    proxy_pass http://127.0.0.1:8100;" in lines
    assert 'ProxyPass "/blog/bcfghjkm/" "http://127.0.0.1:8100/blog/bcfghjkm/"' in lines
    assert "reverse_proxy /blog/bcfghjkm/* 127.0.0.1:8100" in lines
