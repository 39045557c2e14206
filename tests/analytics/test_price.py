"""Tests of detector.analytics.price: sums that may name their currency."""

from __future__ import annotations

import pytest

from detector.analytics.price import Price, money


@pytest.mark.parametrize(
    ("text", "price"),
    [
        *(("4.50", Price(4.5)), ("4,5", Price(4.5)), ("0", Price(0))),
        *(("4.50 EUR", Price(4.5, "EUR")), ("3€", Price(3, "€")), (" 12 zł ", Price(12, "zł"))),
        *(("1000000", Price(1_000_000)), ("123456.7891 kr", Price(123456.7891, "kr"))),
    ],
)
def test_prices(text: str, price: Price) -> None:
    """A sum, with or without a currency; what is read can be written and read again."""
    assert Price.read(text) == price
    assert Price.read(str(price)) == price


@pytest.mark.parametrize(
    "text",
    [
        *("", "much", "nan", "inf", "-1", "1e9", "1000001", "4.5.6", "EUR", "4 EUR EUR", "٤"),
        *("4 <script>", "4 a'b", "4 EUROEUROEURO", "9" * 5000, "4 =1+1", "4\x00"),
    ],
)
def test_no_prices(text: str) -> None:
    """Anything else is refused: no markup, no formula, and nothing long, comes after a sum."""
    with pytest.raises(ValueError, match="write a sum such as"):
        Price.read(text)


def test_money() -> None:
    """An amount has its currency behind it, where there is one."""
    assert (money(1234.5, "EUR"), money(1, "")) == ("1,234.50 EUR", "1.00")
