"""What a thousand views with ads bring: a sum, which may name its currency."""

from __future__ import annotations

import math
import re
from typing import NamedTuple

_FORM = re.compile(r"\s*([0-9]{1,9}(?:[.,][0-9]{1,4})?)\s*([^\W\d_]{1,8}|[$€£¥₹₩₽₺₴₪₫฿])?\s*")
_DEAREST = 1_000_000.0


class Price(NamedTuple):
    """An amount, 0 to a million, and its currency as the owner writes it, or ""."""

    amount: float
    currency: str = ""

    def __str__(self) -> str:
        """Return it as it is read."""
        amount = f"{self.amount:.4f}".rstrip("0").rstrip(".")
        return f"{amount} {self.currency}".rstrip()

    @classmethod
    def read(cls, text: str) -> Price:
        """Parse a sum such as 4.50 or 4.50 EUR; ValueError for anything else."""
        found = _FORM.fullmatch(text)
        amount = float(found[1].replace(",", ".")) if found else math.nan
        if not found or not amount <= _DEAREST:
            raise ValueError(f"{text!r} is no price: write a sum such as 4.50 or 4.50 EUR")
        return cls(amount, found[2] or "")


def money(amount: float, currency: str) -> str:
    """Return an amount in words, with its currency where there is one."""
    return f"{amount:,.2f} {currency}".rstrip()
