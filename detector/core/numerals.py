"""Rewrites a text from one alphabet in another, by way of the number that it represents.

In bijective numeration every text is exactly one number and every number exactly one text: there is
no zero digit, so nothing can be prepended. A smaller alphabet costs only a few more letters.
"""

from __future__ import annotations


def to_number(text: str, alphabet: str) -> int:
    """Return the number that a text represents; raises ValueError for an unknown letter."""
    number = 0
    for letter in text:
        number = number * len(alphabet) + alphabet.index(letter) + 1
    return number


def to_text(number: int, alphabet: str) -> str:
    """Return the text that represents a number of 0 or more."""
    text = ""
    while number:
        number, digit = divmod(number - 1, len(alphabet))
        text = alphabet[digit] + text
    return text
