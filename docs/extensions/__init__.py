"""The tools of the documentation site: reference pages from the code, and the check of links."""
