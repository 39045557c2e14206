"""Prints the addresses that the paper has, by host, and their host names, as JSON in two lines."""

import json
import sys
from urllib.parse import urlsplit

port, more = sys.argv[1:]
found = {host: f"http://{host}" for host in (f"127.0.0.1:{port}", f"localhost:{port}")}
if more:
    parts = urlsplit(more)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path or "'" in more:
        sys.exit(f"start: ADDRESS is {more!r}: write https:// and a host, as https://news.example")
    found[parts.netloc] = more
print(json.dumps(found, separators=(",", ":")))
print(json.dumps(sorted({str(urlsplit(one).hostname) for one in found.values()})))
