"""Lines for a web server in front of a site: they add the tag to pages and pass our folder on.

nginx and Apache change pages; HAProxy cannot, and Caddy only with a plugin that is not part of it.
"""

from __future__ import annotations

from detector.core.site import Site
from detector.serve.sites import ServedSite
from detector.serve.tag import address

SERVERS = ("nginx", "apache", "caddy", "haproxy")
# Pages that are not a reader's, below the site's mount, in WordPress and in many other systems. A
# query excepts nothing: a cache that ignores queries would keep the page without a tag for all.
_PATHS = (
    r"(wp-admin|wp-json|admin|api|account|login|logout|signin|signup)([/?\s]|$)",
    r"wp-(login|signup|activate|cron|comments-post)\.php",
    r"([^?\s]*/)?(feed|embed)/?([?\s]|$)",
    r"xmlrpc\.php",
)
_COOKIES = r"(^|;\s*)(wordpress_logged_in_|wp-postpass_|sessionid=)"

_NGINX = """\
# In http {{ }}: pages that are no reader's have no tag.
# Add your own paths, and the cookies of members.
map $request_uri $detector_path {{
    default 1;
    "~^{folder}/" 0;
{paths}
}}
map $http_cookie $detector_reader {{
    default 1;
    "~{cookies}" 0;
}}
map $detector_reader $detector_cache {{
    default "";
    0 private;
}}
map $detector_path$detector_reader$status $detector_tag {{
    default "";
    11200 '{tag}';
}}

# In the site's server {{ }}:
# The first <head> of a page gets the tag; where yours has attributes, write it so in both places.
sub_filter '<head>' '<head>$detector_tag';
sub_filter_once on;
# No cache in front may keep a member's page for readers: it has no tag, and anybody can send
# such a cookie.
# Repeat it in locations that add headers of their own.
add_header Cache-Control $detector_cache;
# For locations with proxy_pass: pages must come uncompressed.
# Repeat it in those locations that set headers of their own.
proxy_set_header Accept-Encoding "";

# With ^~ no location for *.js or images takes the detector's requests.
location ^~ {folder}/ {{
    proxy_pass http://{address};
    proxy_set_header Host $http_host;
    # What proxies = 1 in sites.toml reads: reports are limited for each visitor.
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_read_timeout 5s;
}}
"""
_APACHE = """\
# a2enmod proxy_http filter substitute headers
# In the site's <VirtualHost>, before every other ProxyPass. mod_proxy adds the visitor's address to
# X-Forwarded-For, which proxies = 1 in sites.toml reads: reports are limited for each visitor.
ProxyPreserveHost On
ProxyPass "{folder}/" "http://{address}{folder}/" timeout=5

# Pages that are no reader's have no tag. Add your own paths, and the cookies of members.
FilterDeclare detector
FilterProvider detector SUBSTITUTE "%{{CONTENT_TYPE}} =~ m#^text/html# \\
  && %{{REQUEST_STATUS}} -eq 200 \\
{paths} \\
  && %{{HTTP_COOKIE}} !~ m#{cookies}#"
FilterChain +detector
# No cache in front may keep a member's page for readers: it has no tag, and anybody can send
# such a cookie.
Header merge Cache-Control private "expr=%{{HTTP_COOKIE}} =~ m#{cookies}#"
# A <head> at the start of a line or after <html> gets the tag; one within a script does not.
Substitute "s#^(\\s*|.*<html[^>]*>\\s*)<head>#$1<head>{tag}#i"
SubstituteMaxLineLength 32m
# Where the pages come from another server by ProxyPass, they must come uncompressed; our folder
# need not:
# RequestHeader unset Accept-Encoding "expr=%{{REQUEST_URI}} !~ m#^{folder}/#"
"""
_CADDY = """\
# In the site's block. Caddy adds the visitor's address to X-Forwarded-For, which proxies = 1
# in sites.toml reads: reports are limited for each visitor.
reverse_proxy {folder}/* {address}
"""
_HAPROXY = """\
# In the site's frontend, before every other use_backend:
acl detector_folder path_beg {folder}/
use_backend detector if detector_folder

# After the frontend. forwardfor adds the visitor's address to X-Forwarded-For, which
# proxies = 1 in sites.toml reads: reports are limited for each visitor.
backend detector
    mode http
    option forwardfor
    timeout server 5s
    server detector {address}
"""
_BLOCKS = {"nginx": _NGINX, "apache": _APACHE, "caddy": _CADDY, "haproxy": _HAPROXY}

_ADDED = """\
The lines add the tag of {name} to every page with status 200, except those that they name."""
_NOT_ADDED = {
    "caddy": """\
Caddy changes no page without a plugin (replace-response): put this line into every page of {name},
right after <head>.

  {tag}""",
    "haproxy": """\
HAProxy changes no page: put this line into every page of {name}, right after <head>.

  {tag}""",
}
_ADVICE = """\
{added}

Write proxies = 1 into [sites.{name}]; with a cache or load balancer in front, one more for each.
By default the first blocked view of a visitor shows nothing; from_view = 1 asks at once.
Hosts that are answered: {hosts}.

Then reload the web server, purge page caches, and look whether all is well:

  detector doctor https://{host}{mount}/ --untagged {mount}/login

Print the lines again after changing secret, mount, reuse_minutes, single_page or consent.
"""


def lines(served: ServedSite, server: str, group: str, host: str, port: int) -> tuple[str, str]:
    """Return the lines for a web server, one of `SERVERS`, and the advice that belongs to them."""
    site = Site(served.config, name=served.name, pasted=True)
    tag = site.tagger.pasted(served.mount, group).decode()
    mount = served.mount
    block = _BLOCKS[server].format(
        folder=f"{mount}/{site.names.prefix}",
        address=address(host, port),
        tag=tag.replace("\\", "\\\\").replace('"', '\\"') if server == "apache" else tag,
        paths=_paths(server, mount),
        cookies=_COOKIES,
    )
    added = _NOT_ADDED.get(server, _ADDED).format(name=served.name, tag=tag)
    hosts = sorted(served.hosts)
    advice = _ADVICE.format(
        added=added, name=served.name, hosts=", ".join(hosts), host=hosts[0], mount=mount
    )
    return block.rstrip("\n"), advice


def _paths(server: str, mount: str) -> str:
    """Return the lines of the excepted paths, by the path that was asked for, before rewrites."""
    # Of the signs in a mount only the dot means something in an expression.
    below = mount.replace(".", r"\.")
    if server == "apache":
        return " \\\n".join(rf"  && %{{THE_REQUEST}} !~ m#^\S+ {below}/{one}#" for one in _PATHS)
    return "\n".join(f'    "~^{below}/{one}" 0;' for one in _PATHS)
