"""`detector audit`: a site looked at under every ad blocker of this machine, and what broke."""
