"""Processing of a response: may it carry the tag, where is it inserted, and which tag."""
