"""The declaration of an option: what its field holds, and checks that are loaded when needed."""

from __future__ import annotations

from typing import Any

import pytest

from detector.core.config.option import check_of, option
from detector.core.config.validators import check_bool
from detector.core.errors import ConfigError


def test_a_field_holds_default_documentation_and_check() -> None:
    """An option is shown where its Config is printed, unless it is declared otherwise."""
    item = option(True, "Whether.", check_bool)
    assert (item.default, item.repr) == (True, True)
    assert dict(item.metadata) == {"doc": "Whether.", "check": check_bool}
    assert check_of(item) is check_bool
    assert option("", "A secret.", check_bool, shown=False).repr is False


@pytest.mark.parametrize("value", ["", None, 7.0])
def test_a_check_by_name(value: Any) -> None:
    """It is not asked about the default, whatever that is, and about everything else."""
    check = check_of(option(value, "A path.", "check_path"))
    check("K", value)
    check("K", "x")
    with pytest.raises(ConfigError, match=r"^K is 7; allowed is the path of a file, as a text$"):
        check("K", 7)
