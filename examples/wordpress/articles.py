"""Prints what is in the paper, for the scripts that fill WordPress: the demo's, as JSON.

Eight stories, and twelve round-ups of short news from the archive.
"""

import json
import re
import sys
from collections.abc import Iterator
from datetime import timedelta
from html import escape
from itertools import islice
from pathlib import Path

from detector.demo.content import EDITION, Article, archive, edition

ROUND_UPS, NEWS_EACH = 12, 6
BRIEF = {
    "slug": "brief",
    "name": "In brief",
    "about": "What else happened, in a sentence or two.",
}


def prose(text: str) -> str:
    """Return HTML in which *stars* mean emphasis."""
    return re.sub(r"\*(.+?)\*", r"<em>\1</em>", escape(text, quote=False))


def story(article: Article) -> dict[str, object]:
    """Return a story of the demo as a post."""
    text = [f"<p>{prose(paragraph)}</p>" for paragraph in article.paragraphs]
    quote = (
        f'<figure class="pull-quote"><blockquote><p>{escape(article.quote)}</p></blockquote>'
        f"<figcaption>{escape(article.quote_by)}</figcaption></figure>"
    )
    return {
        "slug": article.slug,
        "section": article.section.slug,
        "title": article.headline,
        "standfirst": prose(article.standfirst),
        "author": article.author,
        "date": article.published.isoformat(),
        "alt": article.alt,
        "caption": prose(article.caption),
        "content": "\n".join([*text[:2], quote, *text[2:]]),
        "comments": [[comment.name, comment.text] for comment in article.comments],
    }


def round_ups() -> Iterator[dict[str, object]]:
    """Yield round-ups of the archive's news, one a week."""
    notes = archive(ROUND_UPS * NEWS_EACH)
    for week in range(ROUND_UPS):
        news = list(islice(notes, NEWS_EACH))
        day = EDITION - timedelta(days=7 * (week + 1))
        yield {
            "slug": f"week-to-{day.isoformat()}",
            "section": BRIEF["slug"],
            "title": news[0].headline,
            "standfirst": f"Also: {escape(news[1].headline)}, and {escape(news[2].headline)}.",
            "author": "The night desk",
            "date": day.isoformat(),
            "alt": "",
            "caption": "",
            "content": "\n".join(
                f"<h2>{escape(one.headline)}</h2>\n<p>{escape(one.text)}</p>" for one in news
            ),
            "comments": [],
        }


paper = edition()
users = (line.split() for line in Path(sys.argv[1]).read_text("utf-8").splitlines())
sections = [{"slug": one.slug, "name": one.name, "about": one.about} for one in paper.sections]
print(
    json.dumps(
        {
            "passwords": dict(users),
            "sections": [*sections, BRIEF],
            "posts": [*map(story, paper.articles), *round_ups()],
        }
    )
)
