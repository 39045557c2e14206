"""The scripts: do they arrive whole, in this version, cached and compressed as they should be."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

from detector import __version__
from detector.core.html.headers import all_of, words
from detector.doctor.findings import Finding, error, ok, warning
from detector.doctor.visit import Visit, as_named, front_server, trouble
from detector.doctor.web import Answer

_CHECK = "script"


def arrives(visit: Visit) -> list[Finding]:
    """Check the script of the tag, and detect.js if that is another one."""
    found: list[Finding] = []
    for url in dict.fromkeys((visit.tag.url, visit.file)):
        found += _one(visit, url, "The script")
    return found or [ok(_CHECK, _all_well(visit))]


def further(visit: Visit) -> list[Finding]:
    """Check the scripts and texts that follow a verdict, as the bootstrap names them."""
    found: list[Finding] = []
    for key, what in (
        ("followup_url", "The second script"),
        ("notice_url", "The notice's script"),
    ):
        if path := visit.bootstrap.get(key):
            found += _one(visit, visit.at(str(path)), what)
    if path := visit.bootstrap.get("texts_url"):
        answer = visit.ask(visit.at(str(path)), "fetch")
        wrong = trouble(answer, "fetch")
        if not wrong and not answer.body.lstrip().startswith(b"{"):
            wrong = "are not what the site sends"
        if wrong:
            found.append(error(_CHECK, f"The notice's texts: {answer.url} {wrong}.", _fix(visit)))
    return found


def _all_well(visit: Visit) -> str:
    cache = visit.answers[-1].header("cache-control")
    return f"The script arrives: of this version, compressed, cacheable ({cache})."


def _one(visit: Visit, url: str, what: str) -> list[Finding]:
    answer = visit.ask(url, "script")
    path = urlsplit(url).path
    if wrong := trouble(answer, "script"):
        return [_lost(visit, answer, f"{what} {path} {wrong}.")]
    visit.scripts[url] = answer.body
    content = as_named(url, answer.body)
    looks = (
        _content(content, f"{what} {path}"),
        _cache(answer, content, f"{what} {path}"),
        _packed(answer, f"{what} {path}"),
    )
    return [finding for finding in looks if finding]


def _lost(visit: Visit, answer: Answer, saw: str) -> Finding:
    """Explain why a script does not arrive: a lost prefix, or something in front of the app."""
    if mount := _lost_mount(visit, answer):
        return error(
            _CHECK,
            f"{saw} It answers below {mount}: the front server strips {mount}, and the app "
            "does not know about it.",
            "Tell the app where it is mounted: SCRIPT_NAME or root_path, or X-Forwarded-Prefix "
            "with werkzeug's ProxyFix(x_prefix=1); nginx: proxy_set_header X-Forwarded-Prefix "
            f"{mount};",
        )
    return error(_CHECK, saw, _fix(visit))


def _lost_mount(visit: Visit, answer: Answer) -> str:
    """Find the folder above the page below which the script does answer."""
    folders = urlsplit(visit.url).path.split("/")[1:-1]
    for depth in range(1, len(folders) + 1):
        mount = "/" + "/".join(folders[:depth])
        url = urljoin(visit.url, mount + urlsplit(answer.url).path)
        found = visit.web.get(url, Referer=visit.url, Sec_Fetch_Dest="script")
        if not trouble(found, "script") and as_named(url, found.body) != "changed":
            return mount
    return ""


def _fix(visit: Visit) -> str:
    return (
        "Pass everything below this folder to the app, ahead of rules for extensions, names or "
        f"logins. {front_server(visit)}"
    )


def _content(content: str, what: str) -> Finding | None:
    if content == "another":
        return warning(
            _CHECK,
            f"{what} is from another version than this doctor ({__version__}).",
            "Run the version of adblock-detector that the site runs; after an upgrade, "
            "restart every worker.",
        )
    if content == "changed":
        return error(
            _CHECK,
            f"{what} was changed on the way: its content does not match its name.",
            "Switch off whatever rewrites scripts on the way (minifiers, optimisers), or empty the "
            "cache that stores it.",
        )
    return None


def _cache(answer: Answer, content: str, what: str) -> Finding | None:
    told = ",".join(all_of(answer.headers, "cache-control"))
    wanted = {"public", "max-age"} | (set() if content == "older" else {"immutable"})
    if wanted <= words(told) and not {"no-store", "no-cache", "private"} & words(told):
        return None
    return warning(
        _CHECK,
        f"{what} is sent with Cache-Control: {told or 'nothing'}, so browsers request it again "
        "and again.",
        "Keep the app's own header for it, which sets a year and immutable "
        "(nginx: no expires and no add_header Cache-Control there).",
    )


def _packed(answer: Answer, what: str) -> Finding | None:
    if answer.packed:
        return None
    return warning(
        _CHECK,
        f"{what} is sent uncompressed, although compression was requested.",
        "Pass the browser's Accept-Encoding to the app, or compress text/javascript in the front "
        "server (nginx: gzip_types text/javascript;).",
    )
