"""`detector lists diff`: what a newer filter list does to a site and to the baits."""
