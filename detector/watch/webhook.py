"""Delivers alarms to a web hook: one POST of JSON, to the address that was named and no other."""

from __future__ import annotations

import base64
import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from urllib.parse import SplitResult, unquote, urlsplit

from detector.filter_lists.timed_request import asked
from detector.watch.alarm import Alarm, message
from detector.watch.delivery import SECONDS, DeliveryError, within


class Webhook:
    """A web hook; ValueError for an address that is none."""

    def __init__(self, url: str, seconds: float | None = None) -> None:
        parts = _checked(url)
        # The path is a secret of most services, as a user and password are: none is ever printed.
        host = parts.netloc.rpartition("@")[2]
        self.shown = f"{parts.scheme}://{host}"
        self._url = parts._replace(netloc=host, fragment="").geturl()
        self._seconds = seconds or SECONDS
        self._headers = {"Content-Type": "application/json", "User-Agent": "adblock-detector"}
        if parts.username is not None:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            code = base64.b64encode(pair.encode()).decode()
            self._headers["Authorization"] = f"Basic {code}"

    def deliver(self, alarms: Sequence[Alarm]) -> None:
        """Post the alarms; only a status of 200 to 299 is success."""
        try:
            within(self._seconds + 1, lambda: self._post(alarms), self.shown)
        except TimeoutError:
            raise DeliveryError(
                f"{self.shown} does not answer within {self._seconds:g} s"
            ) from None
        except urllib.error.URLError as error:
            raise DeliveryError(f"{self.shown} cannot be reached: {error.reason}") from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise DeliveryError(f"{self.shown} cannot be reached: {type(error).__name__}") from None

    def _post(self, alarms: Sequence[Alarm]) -> None:
        body = json.dumps(message(alarms)).encode()
        request = urllib.request.Request(self._url, body, self._headers, method="POST")
        with asked(request, time.monotonic() + self._seconds) as answer:
            status = answer.status
        if 300 <= status < 400:
            raise DeliveryError(
                f"{self.shown} redirects ({status}), which is not followed: name the address that "
                "it leads to"
            )
        if not 200 <= status < 300:
            raise DeliveryError(f"{self.shown} answers {status}")


def _checked(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        port = -1
    wrong = port == -1 or not url.isascii() or any(c.isspace() or not c.isprintable() for c in url)
    if wrong or parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("this is no address of a web hook: write https://HOST/PATH")
    return parts
