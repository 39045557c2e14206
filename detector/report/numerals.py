"""Writes a text of one alphabet in another, by way of the number that it stands for.

In the bijective numeration every text is exactly one number and every number exactly one text: no
digit is a zero, so that nothing can be added in front. A small alphabet costs few letters more.
"""

from __future__ import annotations

from collections.abc import Mapping


class Numerals:
    """The numbers as texts of one alphabet."""

    def __init__(self, alphabet: str) -> None:
        self._alphabet = alphabet
        self._digits: Mapping[str, int] = {each: n for n, each in enumerate(alphabet, 1)}

    def number(self, text: str) -> int:
        """Return the number that a text stands for; raises ValueError for another alphabet's."""
        base, out = len(self._alphabet), 0
        try:
            for letter in text:
                out = out * base + self._digits[letter]
        except KeyError as error:
            raise ValueError(f"{error} is not of this alphabet") from None
        return out

    def text(self, number: int) -> str:
        """Return the text that stands for a number from 0."""
        base, out = len(self._alphabet), []
        while number:
            number, digit = divmod(number - 1, base)
            out.append(self._alphabet[digit])
        return "".join(reversed(out))
