"""The adapters behind real servers, proxies, caches and firewalls."""
