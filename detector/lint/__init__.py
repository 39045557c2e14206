"""`detector lint`: names in a site's files that filter lists hide or block; needs no browser."""
