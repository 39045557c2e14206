"""Writes a text of one alphabet in another, by way of the number that it stands for.

In the bijective numeration every text is exactly one number and every number exactly one text: no
digit is a zero, so that nothing can be added in front. A smaller alphabet costs few letters more.
"""

from __future__ import annotations


def to_number(text: str, alphabet: str) -> int:
    """Return the number that a text stands for; raises ValueError for a foreign letter."""
    number = 0
    for letter in text:
        number = number * len(alphabet) + alphabet.index(letter) + 1
    return number


def to_text(number: int, alphabet: str) -> str:
    """Return the text that stands for a number from 0."""
    text = ""
    while number:
        number, digit = divmod(number - 1, len(alphabet))
        text = alphabet[digit] + text
    return text
