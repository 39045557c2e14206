"""The site's options that a comparison of variants needs, for commands that know only a store."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from detector.cli.errors import command_errors


def add_design(parser: argparse.ArgumentParser) -> None:
    """Add --file, the site's options."""
    parser.add_argument(
        "--file",
        metavar="FILE",
        help="the TOML file of the site's options (DETECTOR_CONFIG): then it is checked whether "
        "the notices are split by the weights of variants",
    )


def variants_of(file: str | None) -> tuple[tuple[Mapping[str, Any], ...], bool]:
    """Return the options `variants` and `once_a_session`, by a file or the environment.

    Where neither has them they are () and True.
    """
    import os
    import secrets

    from detector.core.config.loading import gather
    from detector.core.errors import ConfigError

    # Other variables may be those of a site that this command is not about.
    if not file and not {"DETECTOR_CONFIG", "DETECTOR_VARIANTS"} & os.environ.keys():
        return (), True
    with command_errors(ConfigError):
        options = {"config": file} if file else {}
        config = gather(options, fallback={"secret": secrets.token_hex()}).config
    return config.variants, config.once_a_session
