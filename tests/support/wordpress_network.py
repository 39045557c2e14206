"""A network of two sites under sub-folders, beside the newspaper of examples/wordpress."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.deployed import nginx
from tests.support.serving import Serving
from tests.support.wordpress import WordPress

BELOW = "/de"
_SITES = """[sites.main]
secret = "the secret of the main site"
hosts = ["127.0.0.1"]
proxies = 1
[sites.below]
secret = "the secret of the site below it"
hosts = ["127.0.0.1"]
mount = "/de"
proxies = 1
"""
_SERVER = """server {{ listen PORT0; root {www}; index index.php;
  if (!-e $request_filename) {{
    rewrite ^(/[^/]+)?(/wp-.*) $2 last;
    rewrite ^(/[^/]+)?(/.*\\.php)$ $2 last;
  }}
  location / {{ try_files $uri $uri/ /index.php?$args; }}
  location ~ \\.php$ {{ include /etc/nginx/fastcgi_params; fastcgi_param HTTP_HOST $http_host;
    fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    fastcgi_pass unix:{socket}; }} }}
"""
# WordPress has its tables before it is a network.
_CONFIG = """if ( defined( 'WP_INSTALLING' ) ) {
	define( 'WP_SITEURL', 'http://THIS_HOST' );
} else {
	define( 'MULTISITE', true );
	define( 'SUBDOMAIN_INSTALL', false );
	define( 'DOMAIN_CURRENT_SITE', 'THIS_HOST' );
	define( 'PATH_CURRENT_SITE', '/' );
	define( 'SITE_ID_CURRENT_SITE', 1 );
	define( 'BLOG_ID_CURRENT_SITE', 1 );
}
$_SERVER += array( 'HTTP_HOST' => 'THIS_HOST', 'REMOTE_ADDR' => '127.0.0.1' );
$table_prefix = 'net_';
"""
_INSTALL = """define( 'WP_INSTALLING', true );
require $argv[1] . '/wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';
function wp_install_defaults() {}
function wp_new_blog_notification() {}
list( $host, $password ) = json_decode( $argv[2], true );
wp_install( 'Network', 'editor', 'editor@wrenmouth.example', true, '', $password );
foreach ( $wpdb->tables( 'ms_global' ) as $table => $name ) { $wpdb->$table = $name; }
install_network();
populate_network( 1, $host, 'editor@wrenmouth.example', 'Network', '/', false );
echo 'null';"""
_FILL = """require $argv[1] . '/wp-load.php';
require ABSPATH . 'wp-admin/includes/plugin.php';
list( $host, $below, $server, $keys ) = json_decode( $argv[2], true );
wp_insert_site( array( 'domain' => $host, 'path' => "$below/", 'network_id' => 1,
  'title' => 'Below', 'user_id' => 1 ) );
activate_plugin( 'adblock-detector/adblock-detector.php', '', true );
// WordPress takes the colon before a port away, which only tests have.
$wpdb->update( $wpdb->blogs, array( 'domain' => $host ), array( 'blog_id' => 2 ) );
clean_blog_cache( 2 );
foreach ( array( 1, 2 ) as $number => $blog ) {
  switch_to_blog( $blog );
  if ( 2 === $blog ) {
    update_option( 'siteurl', "http://$host$below" );
    update_option( 'home', "http://$host$below" );
  }
  update_option( 'template', 'wrenmouth' );
  update_option( 'stylesheet', 'wrenmouth' );
  update_option( 'adblock_detector', array( 'server' => $server, 'key' => $keys[ $number ] ) );
  restore_current_blog();
}
echo 'null';"""
_LOAD = "require $argv[1] . '/wp-load.php'; $given = json_decode($argv[2], true); "


@dataclass(frozen=True)
class Network:
    """A running network: its port and host, its folder, and the keys of its two sites."""

    paper: WordPress
    port: int
    www: Path
    keys: tuple[str, str]

    @property
    def host(self) -> str:
        """Return its host with the port."""
        return f"127.0.0.1:{self.port}"

    def php(self, code: str, *given: object) -> Any:
        """Run PHP in the network's WordPress; return what the code returns, through JSON."""
        run = f"{_LOAD} echo json_encode((function () use ($given) {{ {code} }})());"
        return self.paper.run(run, self.www, given)


@contextmanager
def network(paper: WordPress, folder: Path) -> Iterator[Network]:
    """Install a network in the newspaper's database, and serve it with its own nginx."""
    www, config = paper.folder / "site/network", folder / "sites.toml"
    shutil.copytree(paper.www, www, copy_function=os.link)
    config.write_text(_SITES)
    server = _SERVER.format(www=www, socket=paper.folder / "site/php.sock")
    with nginx(folder, server) as (port,), Serving(config) as serving:
        host = f"127.0.0.1:{port}"
        text = (paper.www / "wp-config.php").read_text()
        text = re.sub(r"(?m)^define\( 'WP_(HOME|SITEURL)'.*\n", "", text)
        text = re.sub(r"(?ms)^if \( 0 === strpos\( WP_HOME.*?^\}\n", "", text)
        text = text.replace("$table_prefix = 'wp_';\n", _CONFIG.replace("THIS_HOST", host))
        # Not the other WordPress' file, which is linked here.
        (www / "wp-config.php").unlink()
        (www / "wp-config.php").write_text(text)
        keys = (paper.key(config, "main"), paper.key(config, "below"))
        paper.run(_INSTALL, www, [host, paper.password("editor")])
        paper.run(_FILL, www, [host, BELOW, f"http://127.0.0.1:{serving.port}", keys])
        yield Network(paper, port, www, keys)
