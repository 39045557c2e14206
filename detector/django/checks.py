"""System checks of the settings and of the order of MIDDLEWARE, each with an id and a hint."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.core.exceptions import ImproperlyConfigured
from django.middleware.gzip import GZipMiddleware
from django.utils.module_loading import import_string

from detector.core.config.loading import make_config
from detector.core.config.options import Config
from detector.core.config.validators import SECRET_MIN
from detector.core.errors import ConfigError
from detector.django import options
from detector.django.middleware import DetectorMiddleware

OURS = "detector.django.DetectorMiddleware"
_SESSIONS = "django.contrib.sessions.middleware.SessionMiddleware"
# Compressors not derived from GZipMiddleware, by the start of their path.
_COMPRESSORS = ("compression_middleware.", "django_brotli.", "django_zstd.")


def check_options(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Check every option of settings.DETECTOR separately, so that all errors are reported."""
    try:
        given = options.given()
    except ConfigError as error:
        hint = 'Write DETECTOR = {"notice": "corner"}, or leave it out for the defaults.'
        return [Error(f"settings.DETECTOR: {error}", hint=hint, id="detector.E001")]
    found: list[CheckMessage] = []
    for name, value in given.items():
        if name == "secret" and not value:
            continue
        try:
            make_config(**{"secret": "x" * SECRET_MIN, name: value})
        except ConfigError as error:
            known = name in Config.__dataclass_fields__
            hint = f"Change {name} in settings.DETECTOR, or remove it to use its default."
            code = "detector.E003" if known else "detector.E002"
            found.append(Error(f"settings.DETECTOR: {error}", hint=hint, id=code))
    return found or _check_secret()


def _check_secret() -> list[CheckMessage]:
    try:
        options.read()
    except (ConfigError, ImproperlyConfigured) as error:
        hint = "Set SECRET_KEY, from which the detector's secret is derived, or DETECTOR['secret']."
        return [Error(f"settings.DETECTOR: {error}", hint=hint, id="detector.E004")]
    return []


def check_middleware(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Check the position of the middleware."""
    paths = list(settings.MIDDLEWARE)
    ours = [number for number, path in enumerate(paths) if _is_a(path, DetectorMiddleware)]
    if not ours:
        hint = f'Add "{OURS}" to MIDDLEWARE, as the first entry.'
        return [Warning(f"{OURS} is not in MIDDLEWARE.", hint=hint, id="detector.W001")]
    found: list[CheckMessage] = []
    if len(ours) > 1:
        hint = "Keep the first one."
        found.append(Warning(f"{OURS} is listed twice.", hint=hint, id="detector.W002"))
    for path in paths[ours[0] + 1 :]:
        if path.startswith(_COMPRESSORS) or _is_a(path, GZipMiddleware):
            text = f"{path} is after {OURS}, which leaves compressed pages unchanged."
            hint = f"Move {path} before {OURS}: the first middleware processes a page last."
            found.append(Warning(text, hint=hint, id="detector.W003"))
    if _SESSIONS in paths[: ours[0]]:
        text = f"{_SESSIONS} is before {OURS}, and may set a cookie on its small responses."
        hint = f"Move {OURS} to the first place, or directly after compressing middleware."
        found.append(Warning(text, hint=hint, id="detector.W004"))
    return found


def _is_a(path: str, kind: type) -> bool:
    try:
        named = import_string(path)
    except Exception:  # Django reports any error in it at start-up
        return False
    return isinstance(named, type) and issubclass(named, kind)
