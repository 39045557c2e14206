"""What the doctor says about the script, the control, the report: one function each."""

from __future__ import annotations

from urllib.parse import urlsplit

from detector.doctor import layers
from detector.doctor.fetching import Answer
from detector.doctor.findings import Finding, error, ok, warning
from detector.doctor.layers import Cause
from detector.doctor.visit import Visit
from detector.names import letters
from detector.page.headers import words
from detector.static_files import script as shipped

_MEMORY = ("x-cache", "x-cache-status", "cf-cache-status", "x-proxy-cache", "x-varnish-cache")
_OURS = {"public", "max-age", "immutable"}
_UNCACHED = "Keep every cache from {prefix}*.json (nginx: proxy_cache off; no proxy_ignore_headers)"


def scripts(visit: Visit, cause: Cause) -> Finding:
    """Say whether the script comes, and is what this version ships."""
    named = [("detect", visit.script)]
    if visit.front:
        named.insert(0, ("front", visit.front))
    refused = [answer for _, answer in named if layers.is_refused(answer)]
    if refused:
        path = urlsplit(refused[0].url).path
        return error(
            "script", f"The script {path} does not come: {layers.owners(refused)}.", cause.mend
        )
    for name, answer in named:
        if "javascript" not in answer.kind:
            return error(
                "script",
                f"The script comes as {answer.kind or 'no content type'}, which browsers refuse.",
                f"Leave the Content-Type of {visit.prefix}* as the app sends it.",
            )
        if found := _content(name, answer):
            return found
    size = len(visit.script.body)
    return ok("script", f"The script comes ({size:,} bytes), and is what this version ships.")


def _content(name: str, answer: Answer) -> Finding | None:
    wanted = urlsplit(answer.url).path.rpartition("/")[2][6:14]
    came, ours = letters(answer.body, 8), shipped(name).content_hash
    if came == ours == wanted:
        return None
    if came == ours:
        return warning(
            "script",
            "The page names the script of an older version than the site serves.",
            "Empty the page cache, and restart every worker.",
        )
    if came == wanted:
        return warning(
            "script",
            "The site runs another version of the detector than this doctor is of.",
            "Run the doctor of the version that the site runs, or deploy this one.",
        )
    return error(
        "script",
        "The script is neither the one that its name stands for nor this version's: it was "
        "changed on the way, or workers run different versions.",
        "Keep minifiers and optimisers (a CDN's too) from it, and restart every worker.",
    )


def script_cache(visit: Visit) -> Finding | None:
    """Say whether browsers and caches may keep the script, as the site wants."""
    if layers.is_refused(visit.script):
        return None
    said = visit.script.header("cache-control")
    if {"no-store", "no-cache", "private"} & words(said) or not {"max-age"} <= words(said):
        return warning(
            "cache",
            f"The script's Cache-Control is {said!r}: it is asked for on each page.",
            f"Leave the caching headers of {visit.prefix}* as the app sends them.",
        )
    if not words(said) >= _OURS and "max-age=300" not in said:
        return warning(
            "cache",
            f"The script's Cache-Control is {said!r}, not the site's own.",
            f"Leave the caching headers of {visit.prefix}* as the app sends them "
            "(public, max-age=31536000, immutable).",
        )
    return ok("cache", "The script may be kept for as long as its name lives.")


def control(visit: Visit, cause: Cause, user_agent: str) -> Finding:
    """Say whether the control answers each view with its own id, a token and baits."""
    answers = [one.answer for one in visit.controls]
    refused = [answer for answer in answers if layers.is_refused(answer)]
    if refused:
        return error(
            "control",
            f"The control does not come: {layers.owners(refused)}. "
            "Without it every verdict is unknown.",
            cause.mend,
        )
    if any(one.data.get("v") != one.view for one in visit.controls):
        if not all(one.data.get("v") for one in visit.controls):
            seen = "The control's answer is not the detector's JSON."
            return error("control", seen, cause.mend)
        return error(
            "control",
            "The control answers with another view's id: a cache keeps it. "
            "Every verdict is then unknown.",
            _UNCACHED.format(prefix=visit.prefix) + ".",
        )
    if not all("b" in one.data for one in visit.controls):
        return _as_robot(user_agent)
    if not all(one.data.get("t") for one in visit.controls):
        return error("control", "The control gives no token.", "Run the same version everywhere.")
    return ok("control", "The control answers each view with its own id and a token.")


def _as_robot(user_agent: str) -> Finding:
    from detector.visitor import look

    if look(user_agent).bot:
        return error(
            "control",
            "The control has no baits for robots, and the User-Agent given is a robot's.",
            "Leave --user-agent out, or give a browser's.",
        )
    return error(
        "control",
        "The control takes the doctor for a robot though it came as a browser: its User-Agent "
        "does not reach the app, so nobody is counted.",
        "Let the CDN or front server pass the User-Agent header on to the app (CloudFront puts its "
        "own there unless told otherwise).",
    )


def control_cache(visit: Visit) -> Finding | None:
    """Say whether anything on the way keeps the control."""
    answers = [one.answer for one in visit.controls]
    if visit.repeat:
        answers.append(visit.repeat)
    if any(layers.is_refused(answer) for answer in answers):
        return None
    mend = _UNCACHED.format(prefix=visit.prefix) + "."
    for answer in answers:
        kept = [f"{name}: {answer.header(name)}" for name in _MEMORY if _hit(answer.header(name))]
        if answer.header("age") not in ("", "0"):
            kept.append(f"Age: {answer.header('age')}")
        if kept:
            return warning("control-cache", f"A cache keeps the control ({', '.join(kept)}).", mend)
    said = answers[0].header("cache-control")
    if "no-store" not in words(said):
        return warning(
            "control-cache", f"The control's Cache-Control is {said!r}, not no-store.", mend
        )
    return ok("control-cache", "No cache keeps the control.")


def _hit(value: str) -> bool:
    return "hit" in value.lower().replace(",", " ").split()


def more_files(visit: Visit, cause: Cause) -> Finding | None:
    """Say whether the second script, the notice and its texts come."""
    if not visit.files:
        return None
    names = {"a": "the second script", "n": "the notice's script", "c": "the notice's texts"}
    refused = {names[key]: one for key, one in visit.files.items() if layers.is_refused(one)}
    if refused:
        return error(
            "files",
            f"{_sentence(', '.join(refused))} cannot be had: {layers.owners(refused.values())}.",
            cause.mend,
        )
    return ok("files", f"{_sentence(', '.join(names[key] for key in visit.files))} come.")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def report(visit: Visit, cause: Cause) -> Finding | None:
    """Say whether reports arrive; the one sent cannot be read, and so is never counted."""
    answer = visit.report
    if answer is None:
        return None
    if answer.status == 204:
        return ok("report", "Reports arrive.")
    path = urlsplit(answer.url).path
    return error(
        "report",
        f"A report (POST {path}) does not arrive: {layers.owners([answer])}.",
        f"Let POST pass there too. {cause.mend}",
    )


def cookies(visit: Visit) -> Finding:
    """Say whether somebody sets cookies on our URLs, which never do so themselves."""
    for answer in visit.answers():
        if value := answer.header("set-cookie"):
            name = value.partition("=")[0]
            return warning(
                "cookies",
                f"The cookie {name} is set on {urlsplit(answer.url).path}: "
                "caches then do not keep the script.",
                f"Keep {visit.prefix}* from whatever sets it.",
            )
    return ok("cookies", "No cookie is set on our URLs.")
