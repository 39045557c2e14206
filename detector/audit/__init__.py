"""`detector audit`: visits a site under every ad blocker of this machine, reports what broke."""
