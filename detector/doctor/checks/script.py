"""The scripts: do they arrive, whole, of this version, kept and compressed as they should be."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

from detector import __version__
from detector.core.html.headers import all_of, words
from detector.doctor.findings import Finding, error, ok, warning
from detector.doctor.visit import Visit, as_named, front_server, trouble
from detector.doctor.web import Answer

_LOOK = "script"


def arrives(visit: Visit) -> list[Finding]:
    """Look at the script of the tag, and at detect.js where that is another."""
    found: list[Finding] = []
    for url in dict.fromkeys((visit.tag.url, visit.file)):
        found += _one(visit, url, "The script")
    return found or [ok(_LOOK, _all_well(visit))]


def further(visit: Visit) -> list[Finding]:
    """Look at the scripts and texts that follow a verdict, as the bootstrap names them."""
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
            found.append(error(_LOOK, f"The notice's texts: {answer.url} {wrong}.", _mend(visit)))
    return found


def _all_well(visit: Visit) -> str:
    cache = visit.answers[-1].header("cache-control")
    return f"The script arrives: of this version, compressed, kept ({cache})."


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
    """Say why a script does not arrive: a lost prefix, or what stands before the app."""
    if mount := _lost_mount(visit, answer):
        return error(
            _LOOK,
            f"{saw} It answers below {mount}: the front server takes {mount} off, and the app "
            "does not know of it.",
            "Tell the app where it is mounted: SCRIPT_NAME or root_path, or X-Forwarded-Prefix "
            "with werkzeug's ProxyFix(x_prefix=1); nginx: proxy_set_header X-Forwarded-Prefix "
            f"{mount};",
        )
    return error(_LOOK, saw, _mend(visit))


def _lost_mount(visit: Visit, answer: Answer) -> str:
    """Find the folder above the page below which the script answers after all."""
    folders = urlsplit(visit.url).path.split("/")[1:-1]
    for depth in range(1, len(folders) + 1):
        mount = "/" + "/".join(folders[:depth])
        url = urljoin(visit.url, mount + urlsplit(answer.url).path)
        found = visit.web.get(url, Referer=visit.url, Sec_Fetch_Dest="script")
        if not trouble(found, "script") and as_named(url, found.body) != "changed":
            return mount
    return ""


def _mend(visit: Visit) -> str:
    return (
        "Let everything below this folder reach the app, before rules for endings, names or "
        f"log-ins. {front_server(visit)}"
    )


def _content(content: str, what: str) -> Finding | None:
    if content == "another":
        return warning(
            _LOOK,
            f"{what} is another version's than this doctor's ({__version__}).",
            "Look with the version of adblock-detector that the site runs; after an upgrade, "
            "restart every worker.",
        )
    if content == "changed":
        return error(
            _LOOK,
            f"{what} was changed on its way: its content is not the one that its name stands for.",
            "Switch off what rewrites scripts on their way (minifiers, optimisers), or empty the "
            "cache that keeps it.",
        )
    return None


def _cache(answer: Answer, content: str, what: str) -> Finding | None:
    told = ",".join(all_of(answer.headers, "cache-control"))
    wanted = {"public", "max-age"} | (set() if content == "older" else {"immutable"})
    if wanted <= words(told) and not {"no-store", "no-cache", "private"} & words(told):
        return None
    return warning(
        _LOOK,
        f"{what} comes with Cache-Control: {told or 'nothing'}, so browsers ask for it again and "
        "again.",
        "Keep the app's own header for it, which says a year and immutable "
        "(nginx: no expires and no add_header Cache-Control there).",
    )


def _packed(answer: Answer, what: str) -> Finding | None:
    if answer.packed:
        return None
    return warning(
        _LOOK,
        f"{what} comes uncompressed, although compression was asked for.",
        "Pass the browser's Accept-Encoding to the app, or compress text/javascript in the front "
        "server (nginx: gzip_types text/javascript;).",
    )
