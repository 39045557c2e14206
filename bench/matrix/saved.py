"""The results as a table, as JSON and as a page with screenshots."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.matrix.bundles import Peer
from bench.matrix.environment import Wanted
from bench.matrix.run_rows import Result

STYLE = """body{font:14px/1.4 sans-serif;margin:2rem}table{border-collapse:collapse}
th,td{border:1px solid #ccc;padding:.3rem .5rem;text-align:left;vertical-align:top}
.no{background:#fdd}.yes{background:#dfd}.not{background:#eee}img{width:240px}"""


def words(wanted: Wanted) -> str:
    """Return a state with its kind."""
    return wanted[0] + (f"/{wanted[1]}" if wanted[1] else "")


def ours(result: Result) -> str:
    """Return the detector's verdict and whether it is right."""
    if result.not_run:
        return "not run"
    found = words((str(result.answer.get("state")), result.answer.get("kind")))
    return found if result.right else f"WRONG {found}"


def others(result: Result, peer: Peer) -> str:
    """Return the answer of another detector."""
    if peer.name not in result.peers:
        return "-"
    told = result.peers[peer.name]
    if told == "failed":
        return told
    if result.environment.peer_right(told):
        return "right"
    return "accuses" if told == "true" else "misses"


def line(result: Result, peers: Sequence[Peer]) -> str:
    """Return one line of the table."""
    row = result.environment
    wanted = " or ".join(map(words, row.wanted))
    start = f"{row.group:12}{row.name:29.29} {row.browser:27.27} {row.label:10}{wanted:32.32} "
    marks = " ".join(f"{others(result, peer):8}" for peer in peers)
    why = f"  ({result.not_run or result.answer.get('why')})" if _why(result) else ""
    return f"{start}{ours(result):34.34} {marks}{why}".rstrip()


def _why(result: Result) -> bool:
    return bool(result.not_run or result.answer.get("why"))


def totals(results: Sequence[Result], peers: Sequence[Peer]) -> list[str]:
    """Return how many answers of each detector are right, of those that ran."""
    ran = [result for result in results if not result.not_run]
    lines = [f"ours: right in {sum(r.right for r in ran)} of {len(ran)}"]
    for peer in peers:
        good = sum(others(result, peer) == "right" for result in ran)
        lines.append(f"{peer.name} {peer.version}: right in {good} of {len(ran)}")
    return [*lines, f"not run: {len(results) - len(ran)}"]


def save(folder: Path, results: Sequence[Result], peers: Sequence[Peer]) -> None:
    """Write matrix.json and matrix.html."""
    folder.mkdir(parents=True, exist_ok=True)
    records = [_record(result, peers) for result in results]
    (folder / "matrix.json").write_text(json.dumps(records, indent=2) + "\n", "utf-8")
    (folder / "matrix.html").write_text(_page(results, peers), "utf-8")


def _record(result: Result, peers: Sequence[Peer]) -> dict[str, Any]:
    row = result.environment
    return {
        "environment": row.name,
        "group": row.group,
        "browser": result.label or row.browser,
        "label": row.label,
        "how": row.how,
        "wanted": [{"state": state, "kind": kind} for state, kind in row.wanted],
        "ours": result.answer,
        "right": None if result.not_run else result.right,
        "others": {peer.name: others(result, peer) for peer in peers},
        "others_said": result.peers,
        "not_run": result.not_run or None,
    }


def _page(results: Sequence[Result], peers: Sequence[Peer]) -> str:
    heads = ["environment", "browser", "", "how", "wanted", "ours"]
    heads += [f"{peer.name} {peer.version}" for peer in peers] + ["picture"]
    rows = "".join(_row(result, peers) for result in results)
    summary = "<br>".join(map(html.escape, totals(results, peers)))
    head = "".join(f"<th>{html.escape(name)}" for name in heads)
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Matrix</title>'
        f"<style>{STYLE}</style><h1>Environments × detectors</h1><p>{summary}"
        f"<table><thead><tr>{head}<tbody>{rows}</table>\n"
    )


def _row(result: Result, peers: Sequence[Peer]) -> str:
    row = result.environment
    cells = [f"{row.group}: {row.name}", result.label or row.browser, row.label, row.how]
    cells.append(" or ".join(map(words, row.wanted)))
    out = "".join(f"<td>{html.escape(cell)}" for cell in cells)
    mark = "not" if result.not_run else "yes" if result.right else "no"
    out += f'<td class="{mark}">{html.escape(result.not_run or ours(result))}'
    for peer in peers:
        told = others(result, peer)
        out += f'<td class="{"yes" if told == "right" else "not" if told == "-" else "no"}">{told}'
    return f"<tr>{out}<td>{''.join(map(_image, result.pictures))}"


def _image(data: bytes) -> str:
    if not data:
        return ""
    kind = "png" if data.startswith(b"\x89PNG") else "jpeg"
    return f'<img alt="" src="data:image/{kind};base64,{base64.b64encode(data).decode()}">'
