"""A page that is meant to have no tag, such as a log-in page: it answers, and has none."""

from __future__ import annotations

from detector.doctor.document import Page
from detector.doctor.findings import Finding, error, ok


def bare(page: Page) -> Finding:
    """Whether the page answers, with any status, and has no tag."""
    answer, look = page.answer, "untagged"
    where = f"It was redirected to {answer.url}. " if page.hops else ""
    if answer.failed:
        return error(look, f"{where}The page does not answer: {answer.failed}.", "Start the site.")
    if page.barred or answer.goal:
        return error(
            look,
            f"The page redirects to {answer.goal}, which was not followed"
            + (f": {page.barred}." if page.barred else "."),
            "Pass the address of the page itself.",
        )
    if page.tags:
        return error(
            look,
            f"{where}The page has the tag, although it is meant to have none.",
            "Except its path where the tag is inserted: in your template, in your app's "
            "middleware, or in the lines of your web server.",
        )
    return ok(look, f"{where}The page answers {answer.status}, and has no tag.")
