"""Answers our own URLs; knows HTTP and no framework.

Every URL is under one neutral prefix. The only cookie is the state cookie, set with the answer to a
report at level `full`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qs, urlsplit

from detector.core.assets import Script, script
from detector.core.baits.probe_settings import PAUSES, STYLES, hosts
from detector.core.baits.site_baits import Bait, answer, content_type, image_width
from detector.core.bootstrap import BAIT_TYPES, to_wire
from detector.core.html.headers import Headers, RequestHeaders
from detector.core.html.page_flags import PageFlags, split
from detector.core.notice.instructions import notice_instructions
from detector.core.privacy_level import counts, level, objects
from detector.core.reports.parser import Refused
from detector.core.reports.receiver import same_origin
from detector.core.request import Request
from detector.core.served_names import ServedNames, is_foreign, is_view, letters
from detector.core.site import Site, log
from detector.core.tokens import TokenError
from detector.core.user_agent import classify

if TYPE_CHECKING:
    from detector.core.notice.payload import PayloadCache

_YEAR = "public, max-age=31536000, immutable"
_SHORT = "public, max-age=300"
# Some shared caches heed `private` and not `no-store`: Fastly's usual rules before 2024 are such.
_NEVER = "private, no-store"
_DAY = 24 * 3600


class Response(NamedTuple):
    """One answer: status, headers, body."""

    status: int
    headers: Headers
    body: bytes = b""


class Endpoints:
    """Answers requests below the prefixes of one site."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._by_prefix: dict[str, ServedNames] = {
            names.prefix: names for names in (site.names, *site.older_names)
        }
        self._length = len(site.names.prefix)
        self._ad_hosts = hosts(site.config.probe_urls)
        self._warned = False
        self._notice: PayloadCache | None = None

    def respond(self, request: Request) -> Response | None:
        """Return the response to a request, or None if the path is not ours."""
        if not self.owns(request.path):
            return None
        prefix, _, rest = request.path[1:].partition("/")
        names = self._by_prefix[prefix]
        if rest == names.report:
            response = self._report(request)
        elif request.method in ("GET", "HEAD"):
            response = self._get(names, rest, request)
        else:
            response = _error(405, "GET only", ("Allow", "GET, HEAD"))
        head = request.method == "HEAD"
        return Response(response.status, response.headers) if head else response

    def owns(self, path: str) -> bool:
        """Whether a path is ours; for adapters that must prepare the request for `respond`."""
        prefix, slash, _ = path[1:].partition("/")
        if prefix in self._by_prefix:
            return bool(slash)
        if slash and not self._warned and len(prefix) == self._length and is_foreign(path):
            self._warned = True
            log.warning(
                "detector: received a request for a name made from another secret: "
                "do all workers share DETECTOR_SECRET?"
            )
        return False

    def reads(self, path: str) -> bool:
        """Whether `respond` will read a POST body; for adapters that must read it in advance."""
        prefix, _, rest = path[1:].partition("/")
        names = self._by_prefix.get(prefix)
        counted = counts(self._site.config.level)
        return counted and names is not None and rest == names.report

    def _get(self, names: ServedNames, path: str, request: Request) -> Response:
        if names.is_bootstrap(path):
            return self._bootstrap(names, request)
        if names.is_simulation(path):
            return self._simulation(names, request.query)
        if path == names.texts:
            return self._texts(names, request.query, request.headers)
        if bait := self._site.baits[names.prefix].find(path):
            return self._bait(names, bait, request.query, arrived=request.method == "GET")
        if name := names.script_of(path):
            made = script(name)
            fresh = path == names.script(name, made.content_hash)
            return _packed(made, request.headers, _YEAR if fresh else _SHORT)
        return _error(404, "no such file")

    def _bootstrap(self, names: ServedNames, request: Request) -> Response:
        """Answer the bootstrap request: the view's token, its baits and the notice instructions."""
        site, config = self._site, self._site.config
        try:
            asked = parse_qs(request.query, keep_blank_values=True, max_num_fields=8)
        except ValueError:
            return _error(404, "no such file")
        headers = request.headers
        view = asked.get("v", [""])[0]
        if not is_view(view):
            return _error(404, "no such file")
        client = site.clients.client(request.remote, headers)
        # A view that reuses a verdict brings it along, and is limited as the report that it saves.
        reused = asked["r"][0] if config.reuse_minutes and "r" in asked else None
        if reason := self._refuses(client, headers, reports=reused is not None):
            site.count("refused", reason=reason)
            return _json(to_wire({"view": view}))
        token, flags = split(asked.get("p", [""])[0])
        visitor = classify(headers.get("user-agent"))
        qa = config.treat_bots_as_people
        robot = not qa and (visitor.bot or asked.get("w") == ["true"])
        again = "a" in asked
        # The mark on <html>, as templates may print it; older scripts send none.
        ad_free = flags.ad_free or asked.get("f", ["no"])[0].lower() in ("", "1", "true")
        # The id is random, so its last digits select the share of views that are probed.
        drawn = again or int(view[-4:]) < config.share * 10_000
        try:
            group = site.tokens.read_page(token)
        except TokenError:
            group = "other"
        # True: the document is from the browser's cache, or has changed in place.
        pageless = "true" in asked.get("n", ()) or (robot and visitor.bot)
        if robot or site.is_idle() or not drawn or ad_free:
            if ad_free and not (robot or site.is_idle() or again):
                site.count("ad-free", group=group)
            elif not again and not site.is_idle():
                site.count("passed", group=group, reason="bot" if robot else "share")
            if not again and not site.is_idle():
                self._match_page(group, flags, pageless, robot)
            return _json(to_wire({"view": view}))
        # A document that changes in place was sent for another path.
        moved = flags.rules is not None and config.single_page and pageless
        if moved or (flags.rules is None and site.pasted):
            rules = site.tagger.rules_for(_path(headers.get("referer")))
            flags = flags._replace(rules=flags.rules if rules is None else rules)
        asks = objects(headers)
        measured = counts(level(config.level, config.gpc, no_consent=flags.local, objects=asks))
        if site.recent_views.start(view, client) and not again:
            dims = {"group": group, "browser": visitor.browser, "device": visitor.device}
            if measured:
                site.count("view", **dims)
                if reused is not None:
                    site.processor.reuse((view, int(site.clock())), reused, dims)
            else:
                site.count("passed", group=group, reason="consent")
            self._match_page(group, flags, pageless, robot=False)
        if reused is not None:
            return _json(to_wire({"view": view}))
        found = self._probes(names, view, again)
        if measured:
            found["report_url"] = names.report
        if not again:
            page = (config, names, site.rules, flags, visitor.device, headers, view)
            found |= notice_instructions(*page, keeps=measured)
        return _json(to_wire(found))

    def _match_page(self, group: str, flags: PageFlags, pageless: bool, robot: bool) -> None:
        """Count how a view's document was sent, unless it was counted as a page then."""
        if pageless or flags.uncounted:
            self._site.count("pageless", group=group)
            return
        if flags.prefetched:
            self._site.count("page", group=group)
        if robot:
            self._site.count("page-robot", group=group)

    def _refuses(self, client: str, headers: RequestHeaders, reports: bool) -> str:
        """Return why a view, which may be its own report, is refused; or ""."""
        purpose = headers.get("sec-purpose") or ""
        # Our script's requests are never prefetches; prerendered pages send theirs themselves.
        if ("prefetch" in purpose and "prerender" not in purpose) or not same_origin(headers):
            return "origin"
        limits = [self._site.view_rate_limiter, self._site.rate_limiter]
        return "" if all(limit.takes(client) for limit in limits[: 1 + reports]) else "rate"

    def _simulation(self, names: ServedNames, query: str) -> Response:
        """Answer the script that a preview link loads."""
        found = self._site.previews.answer(names, query)
        return _json(found) if found else _error(404, "this link is not ours, or older than a week")

    def _probes(self, names: ServedNames, view: str, again: bool) -> dict[str, object]:
        """Return what the browser probes with, by the names of `bootstrap.KEYS`."""
        site = self._site
        token = site.tokens.view(view)
        choice = site.baits[names.prefix].choose(int(site.clock() // _DAY), again)
        proof = _proof(names, view)
        urls = site.config.probe_urls
        out: dict[str, object] = {
            "view": view,
            "token": token,
            "proof": proof,
            "image_width": image_width(proof),
            "baits": [
                [BAIT_TYPES.index(bait.type), bait.number, bait.url, control.url]
                for bait, control in choice.requests
            ],
            "arrivals_url": choice.asked.url,
            "classes": [choice.plain, *choice.elements],
            "styles": STYLES,
            "pauses": PAUSES,
            "ad_hosts": self._ad_hosts,
            "slots": site.config.slots,
            "followup_url": names.script("followup", script("followup").content_hash),
        }
        if urls:
            out["host_requests"] = ["no-cors", *urls]
        return out

    def _bait(self, names: ServedNames, bait: Bait, query: str, *, arrived: bool) -> Response:
        """Answer a bait or control; HEAD only checks whether something on the way does."""
        site = self._site
        token = query.rpartition("=")[2]
        try:
            view = site.tokens.read_view(token)
        except TokenError:
            return _error(404, "no such file")
        if arrived and not bait.control:
            site.recent_views.arrive(view, bait.number)
        proof = _proof(names, view)
        body = answer(bait, proof, site.recent_views.arrived(view))
        return _ok(body, content_type(bait, proof), _NEVER)

    def _texts(self, names: ServedNames, query: str, headers: RequestHeaders) -> Response:
        if self._notice is None:
            from detector.core.notice.payload import PayloadCache

            self._notice = PayloadCache(self._site.config)
        body, packed = self._notice.find(query, headers, names)
        return _zipped(_ok(body, "application/json", _NEVER), packed, headers)

    def _report(self, request: Request) -> Response:
        """Receive a report; the answer is the same whether it is counted or not."""
        if request.method != "POST":
            return _error(405, "POST only", ("Allow", "POST"))
        more: Headers = []
        site = self._site
        try:
            received = site.receiver.receive(request)
            if state := site.take_report(received):
                more.append(("Set-Cookie", site.state_cookie.header(state)))
        except Refused as refused:
            site.count("refused", reason=refused.reason)
        return Response(204, [("Cache-Control", _NEVER), *more])


def _path(referer: str | None) -> str | None:
    """Return the path of the requesting page, where its browser sends it."""
    try:
        return urlsplit(referer or "").path or None
    except ValueError:
        return None


def _proof(names: ServedNames, view: str) -> str:
    return letters(f"{names.prefix}:{view}".encode(), 8)


def _common(cache: str) -> Headers:
    return [("Cache-Control", cache), ("X-Content-Type-Options", "nosniff")]


def _error(status: int, text: str, *more: tuple[str, str]) -> Response:
    plain = ("Content-Type", "text/plain; charset=utf-8")
    return Response(status, [plain, *more, *_common(_NEVER)], text.encode())


def _ok(body: bytes, kind: str, cache: str) -> Response:
    length = ("Content-Length", str(len(body)))
    return Response(200, [("Content-Type", kind), length, *_common(cache)], body)


def _packed(made: Script, headers: RequestHeaders, cache: str) -> Response:
    whole = _ok(made.body, "text/javascript; charset=utf-8", cache)
    return _zipped(whole, made.packed, headers)


def _zipped(whole: Response, packed: bytes, headers: RequestHeaders) -> Response:
    """Return the gzipped response to clients that accept it."""
    whole.headers.append(("Vary", "Accept-Encoding"))
    if "gzip" not in (headers.get("accept-encoding") or ""):
        return whole
    kept = [(k, v) for k, v in whole.headers if k != "Content-Length"]
    kept += [("Content-Encoding", "gzip"), ("Content-Length", str(len(packed)))]
    return Response(200, kept, packed)


def _json(data: object) -> Response:
    body = json.dumps(data, separators=(",", ":")).encode()
    return _ok(body, "application/json", _NEVER)
