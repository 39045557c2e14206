"""The site's options that figures need, for commands that know only a store."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from detector.cli.errors import command_errors

if TYPE_CHECKING:
    from detector.analytics.local_days import LocalDays
    from detector.core.config.options import Config


def add_design(parser: argparse.ArgumentParser) -> None:
    """Add --file, the site's options."""
    parser.add_argument(
        "--file",
        metavar="FILE",
        help="the TOML file of the site's options (DETECTOR_CONFIG): then it is checked whether "
        "the notices are split by the weights of variants, and its time_zone is used",
    )


def add_time_zone(parser: argparse.ArgumentParser) -> None:
    """Add --time-zone."""
    parser.add_argument(
        "--time-zone",
        metavar="NAME",
        help="whose days, weeks and months are meant, such as Europe/Berlin (the option, or UTC)",
    )


def design_of(file: str | None) -> dict[str, Any]:
    """Return the options that `Design.of` takes, by a file or the environment.

    Where neither has variants there are none.
    """
    config = _site(file, "DETECTOR_VARIANTS")
    names = ("variants", "once_a_session", "from_view", "every")
    return {name: getattr(config, name) for name in names} if config else {"variants": ()}


def days_of(name: str | None, file: str | None = None) -> LocalDays:
    """Return the days of --time-zone, or of the option by a file or the environment, or UTC's."""
    import time

    from detector.analytics.local_days import LocalDays
    from detector.core.time_zone import time_zone

    if name is None:
        config = _site(file, "DETECTOR_TIME_ZONE")
        name = config.time_zone if config else "UTC"
    with command_errors(ValueError, option="--time-zone"):
        return LocalDays.of(time_zone(name), time.time())


def _site(file: str | None, variable: str) -> Config | None:
    import os
    import secrets

    from detector.core.config.loading import gather
    from detector.core.errors import ConfigError

    # Other variables may be those of a site that this command is not about.
    if not file and not {"DETECTOR_CONFIG", variable} & os.environ.keys():
        return None
    with command_errors(ConfigError):
        options = {"config": file} if file else {}
        return gather(options, fallback={"secret": secrets.token_hex()}).config
