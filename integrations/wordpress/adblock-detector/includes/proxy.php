<?php
/**
 * Passes the requests for our folder on to "detector serve", and nothing else to nowhere else.
 *
 * @package adblock-detector
 */

namespace Adblock_Detector;

const TIMEOUT   = 2;
const PAUSE     = 15;
const MAX_BODY  = 4096;
const MAX_REPLY = 262144;
const FORWARDED = array( 'Host', 'User-Agent', 'Referer', 'Origin', 'Accept-Language', 'Content-Type', 'DNT', 'Sec-GPC', 'Sec-Fetch-Site', 'Sec-Fetch-Mode', 'Sec-Fetch-Dest', 'Sec-Purpose' );
const RETURNED  = array( 'content-type', 'cache-control', 'allow', 'x-content-type-options' );

/** Answer a request for our folder, and end; return for every other request. */
function pass_on() {
	$uri      = isset( $_SERVER['REQUEST_URI'] ) ? (string) $_SERVER['REQUEST_URI'] : ''; // phpcs:ignore -- checked by upstream().
	$settings = settings();
	$key      = read_key( $settings['key'] );
	if ( ! $settings['php'] || ! $key || 0 !== strpos( $uri, $key['folder'] . '/' ) ) {
		return;
	}
	// Page caches that ask for it keep no answer of ours.
	defined( 'DONOTCACHEPAGE' ) || define( 'DONOTCACHEPAGE', true );
	$method = isset( $_SERVER['REQUEST_METHOD'] ) ? $_SERVER['REQUEST_METHOD'] : ''; // phpcs:ignore -- compared only.
	$path   = upstream( $uri, $key['folder'] );
	if ( '' === $path || ! in_array( $method, array( 'GET', 'HEAD', 'POST' ), true ) ) {
		answer( '' === $path ? 404 : 405 );
	}
	$body = 'POST' === $method ? (string) file_get_contents( 'php://input', false, null, 0, MAX_BODY + 1 ) : null;
	if ( strlen( (string) $body ) > MAX_BODY ) {
		answer( 413 );
	}
	// One slow answer is enough: the site's PHP processes are for its pages.
	if ( get_transient( 'adblock_detector_away' ) ) {
		answer( 503 );
	}
	$reply  = ask( $settings['server'] . $path, $method, forwarded( $_SERVER ), $body );
	$status = (int) wp_remote_retrieve_response_code( $reply );
	if ( $status < 200 || $status >= 500 || ( $status >= 300 && $status < 400 ) ) {
		set_transient( 'adblock_detector_away', 1, PAUSE );
		answer( 503 );
	}
	answer( $status, wp_remote_retrieve_headers( $reply ), wp_remote_retrieve_body( $reply ) );
}

/** Return the path and query below the server's address, or '' for what is no path of ours. */
function upstream( $uri, $folder ) {
	// No percent sign, no empty and no dot segment: a path means the same to every server on the way.
	$path = '(/[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,99}){1,8}';
	$form = '#^' . preg_quote( $folder, '#' ) . $path . '(\?[A-Za-z0-9._~!$&\'()*+,;=:@/?%-]{0,2000})?$#D';
	return preg_match( $form, $uri ) ? $uri : '';
}

/** Return the headers that go upstream: no cookie, no credentials, and the visitor's address at the end. */
function forwarded( $server ) {
	$headers = array();
	foreach ( FORWARDED as $name ) {
		$known = 'Content-Type' === $name ? 'CONTENT_TYPE' : 'HTTP_' . strtoupper( strtr( $name, '-', '_' ) );
		$value = isset( $server[ $known ] ) ? (string) $server[ $known ] : '';
		if ( preg_match( '/^[\x21-\x7e][\x20-\x7e]{0,1023}$/D', $value ) ) {
			$headers[ $name ] = $value;
		}
	}
	$before = isset( $server['HTTP_X_FORWARDED_FOR'] ) ? (string) $server['HTTP_X_FORWARDED_FOR'] : '';
	$before = preg_match( '/^[0-9A-Fa-f:., \[\]]{1,500}$/D', $before ) ? $before . ', ' : '';
	$last   = isset( $server['REMOTE_ADDR'] ) ? (string) $server['REMOTE_ADDR'] : '';
	return $headers + array( 'X-Forwarded-For' => $before . $last );
}

/** Return the reply of the server, or WordPress' error. */
function ask( $url, $method, $headers, $body = null ) {
	return wp_remote_request(
		$url,
		array(
			'method'              => $method,
			'headers'             => $headers,
			'body'                => $body,
			'timeout'             => TIMEOUT,
			'redirection'         => 0,
			'limit_response_size' => MAX_REPLY,
		)
	);
}

/** Send an answer and end. */
function answer( $status, $headers = array(), $body = '' ) {
	status_header( $status );
	header_remove( 'Set-Cookie' );
	header( 'Cache-Control: private, no-store' );
	foreach ( RETURNED as $name ) {
		if ( isset( $headers[ $name ] ) && is_string( $headers[ $name ] ) ) {
			header( $name . ': ' . $headers[ $name ] );
		}
	}
	echo $body; // phpcs:ignore WordPress.Security.EscapeOutput -- scripts, images and JSON of our own server.
	exit;
}
