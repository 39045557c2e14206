"""Derives the detector's secret from the secret key of a framework's app."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any


def derived(secret_key: Any) -> str:
    """Derive the site's secret from the app's, so that the app's cannot be inferred from it.

    Empty if the app has none.
    """
    if not secret_key:
        return ""
    key = secret_key if isinstance(secret_key, bytes) else str(secret_key).encode()
    return hmac.new(key, b"adblock-detector", hashlib.sha256).hexdigest()
