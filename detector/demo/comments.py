"""Readers' comments, stored only in the memory of the process."""

from __future__ import annotations

from collections import deque
from threading import Lock

from detector.demo.content import Article, Comment

NAME_MAX = 40
TEXT_MAX = 600
KEPT = 50


def refusal(name: str, text: str) -> str | None:
    """Return what is wrong with a comment, in words for its writer, or None if it is fine."""
    if not name or not text:
        return "Please fill in both your name and your comment."
    if len(name) > NAME_MAX:
        return f"That name is too long: {NAME_MAX} characters at most."
    if len(text) > TEXT_MAX:
        return f"That comment is too long: {TEXT_MAX} characters at most."
    return None


class Comments:
    """The comments of every article: those in print, then the newest `KEPT` posted ones."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._posted: dict[str, deque[Comment]] = {}

    def of(self, article: Article) -> tuple[Comment, ...]:
        """Return all comments of one article, oldest first."""
        with self._lock:
            return article.comments + tuple(self._posted.get(article.slug, ()))

    def post(self, article: Article, comment: Comment) -> int:
        """Store a comment and return its number, counted from 1."""
        with self._lock:
            mine = self._posted.setdefault(article.slug, deque(maxlen=KEPT))
            mine.append(comment)
            return len(article.comments) + len(mine)
