<?php
/**
 * "Test it": what is wrong between the pages, our folder and the server, each with its fix.
 *
 * @package adblock-detector
 */

namespace Adblock_Detector;

/** Return the failed checks in words; empty if all is well. */
function failures() {
	$settings = settings();
	$key      = read_key( $settings['key'] );
	if ( ! $key ) {
		return array( __( 'There is no site key yet: no page has the tag.', 'adblock-detector' ) );
	}
	$home   = home_url();
	$mount  = untrailingslashit( (string) wp_parse_url( $home, PHP_URL_PATH ) );
	$script = $key['folder'] . '/' . strtok( $key['script'], '?' );
	$port   = wp_parse_url( $home, PHP_URL_PORT );
	$host   = wp_parse_url( $home, PHP_URL_HOST ) . ( $port ? ":$port" : '' );
	$found  = array();
	if ( dirname( $key['folder'] ) !== ( '' === $mount ? '/' : $mount ) ) {
		/* translators: %s: a path such as /blog */
		$found[] = sprintf( __( 'The site lies below another path than the key is for: write mount = "%s" into sites.toml, and print the key again.', 'adblock-detector' ), $mount );
	}
	delete_transient( 'adblock_detector_away' );
	$health = ask( $settings['server'] . '/healthz', 'GET', array() );
	if ( 'ok' !== wp_remote_retrieve_body( $health ) ) {
		/* translators: 1: an address, 2: an error message */
		$found[] = sprintf( __( 'No "detector serve" answers at %1$s (%2$s): start it, or correct its address.', 'adblock-detector' ), $settings['server'], reason( $health ) );
		return $found;
	}
	$direct = ask( $settings['server'] . $script, 'GET', array( 'Host' => $host ) );
	if ( 200 !== wp_remote_retrieve_response_code( $direct ) ) {
		$found[] = false !== strpos( wp_remote_retrieve_body( $direct ), 'host' )
			/* translators: %s: a host name */
			? sprintf( __( 'The server does not know this host: add "%s" to hosts in sites.toml.', 'adblock-detector' ), wp_parse_url( $home, PHP_URL_HOST ) )
			/* translators: %s: a site's name */
			: sprintf( __( 'The key belongs to another secret than the one the server has for the site "%s": print the key again, and restart the server after a change of sites.toml.', 'adblock-detector' ), $key['site'] );
		return $found;
	}
	$public = substr( $home, 0, strlen( $home ) - strlen( $mount ) ) . $script;
	$passed = ask( $public, 'GET', array() );
	if ( wp_remote_retrieve_body( $passed ) !== wp_remote_retrieve_body( $direct ) ) {
		/* translators: 1: an address, 2: an error message */
		$found[] = sprintf( __( 'Visitors do not get the script at %1$s (%2$s): give the web server the lines below.', 'adblock-detector' ), $public, reason( $passed ) );
	}
	$page  = ask( add_query_arg( 'adblock-detector-test', wp_rand(), $home . '/' ), 'GET', array() );
	$count = substr_count( wp_remote_retrieve_body( $page ), $script );
	if ( 200 !== wp_remote_retrieve_response_code( $page ) ) {
		/* translators: %s: an error message */
		$found[] = sprintf( __( 'The home page could not be fetched from here (%s).', 'adblock-detector' ), reason( $page ) );
	} elseif ( 0 === $count ) {
		$found[] = __( 'The home page has no tag: its theme must call wp_head(), and page caches must be purged.', 'adblock-detector' );
	} elseif ( $count > 1 ) {
		$found[] = __( 'The home page has the tag more than once: remove the one that was pasted or comes from another plugin.', 'adblock-detector' );
	}
	return $found;
}

/** Return why a request failed, in a few words. */
function reason( $reply ) {
	return is_wp_error( $reply ) ? $reply->get_error_message() : 'HTTP ' . wp_remote_retrieve_response_code( $reply );
}

/** Return the lines by which web servers pass our folder on themselves. */
function server_lines( $folder, $server ) {
	$host = preg_replace( '#^https?://#', '', $server );
	return "# nginx: before the locations of *.php, *.js and images\nlocation ^~ $folder/ {\n    proxy_pass $server;\n    proxy_set_header Host \$http_host;\n"
		. "    proxy_set_header X-Forwarded-For \$proxy_add_x_forwarded_for;\n    proxy_read_timeout 5s;\n}\n\n"
		. "# Apache: a2enmod proxy_http, in the site's <VirtualHost>\nProxyPreserveHost On\nProxyPass \"$folder/\" \"$server$folder/\" timeout=5\n\n"
		. "# Caddy\nreverse_proxy $folder/* $host\n";
}

/** Return the table of sites.toml that these settings belong to, without its secret. */
function site_lines( $settings, $key ) {
	$mount = dirname( $key['folder'] );
	$lines = array( "[sites.{$key['site']}]", 'hosts = ' . wp_json_encode( array( wp_parse_url( home_url(), PHP_URL_HOST ) ) ), 'proxies = 1' );
	$lines = array_merge( $lines, '/' === $mount ? array() : array( "mount = \"$mount\"" ) );
	foreach ( array( 'preset' => 'preset', 'language' => 'locale' ) as $name => $option ) {
		if ( '' !== $settings[ $name ] ) {
			$lines[] = "$option = \"{$settings[ $name ]}\"";
		}
	}
	return implode( "\n", $lines ) . "\n";
}
