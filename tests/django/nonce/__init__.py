"""Policies in Django: the tag takes the nonce of the page, and no policy loses anything."""
