"""Options of a site that its dashboard takes over where it is mounted in the site's own app."""

OF_THE_SITE = frozenset(
    {"pairs", "proxies", "variants", "time_zone", "once_a_session", "from_view", "every"}
)
"""The options that are the site's own, of the same names."""
