<?php
/**
 * The tag: on which pages it stands, and what it looks like.
 *
 * @package adblock-detector
 */

namespace Adblock_Detector;

// Records from the start which of the page's own requests fail; the same line as in detector/core/html/tag.py.
const INLINE = '{let q=[];["error","load"].map(t=>addEventListener.call(document,t,e=>(e.q=e.q||q).push([t,e.target]),!0))}';

// Rocket Loader, LiteSpeed, Autoptimize, WP Fastest Cache and WP Rocket leave scripts with these alone.
const LEFT_ALONE = array(
	'data-cfasync'     => 'false',
	'data-no-optimize' => '1',
	'data-no-defer'    => '1',
	'data-noptimize'   => '1',
	'data-wpfc-render' => 'false',
	'nowprocket'       => true,
);

/** Print the tag into a reader's page. */
function print_tag() {
	$settings = settings();
	$key      = read_key( $settings['key'] );
	$kind     = kind();
	$mode     = isset( $settings['modes'][ $kind ] ) ? $settings['modes'][ $kind ] : '';
	if ( ! $key || 'off' === $mode || ! is_readers_page() || ! is_asked( $settings ) ) {
		return;
	}
	wp_print_inline_script_tag( INLINE, LEFT_ALONE );
	wp_print_script_tag( script( $key, $kind, $mode ) );
}

/** Return the attributes of the script; the first data attribute is the page's token. */
function script( $key, $kind, $mode ) {
	$token  = isset( $key['groups'][ $kind ] ) ? $key['groups'][ $kind ] : $key['groups']['other'];
	$number = '' === $mode ? false : array_search( $mode, $key['modes'], true );
	$flags  = false === $number ? '' : '~n' . (int) $number;
	$source = $key['folder'] . '/' . $key['script'];
	return array( $key['attribute'] => $token . $flags ) + LEFT_ALONE + array(
		'async' => true,
		'src'   => $source,
	);
}

/** Return the kind of the page, by which views are counted: a post type, home, archive, search or other. */
function kind() {
	if ( is_front_page() || is_home() ) {
		return 'home';
	}
	if ( is_singular() ) {
		$type = (string) get_post_type();
		return 'post' === $type ? 'article' : $type;
	}
	return is_search() ? 'search' : ( is_archive() ? 'archive' : 'other' );
}

/** Whether this is a page for readers, and not one for editors, programs or other sites. */
function is_readers_page() {
	$amp = function_exists( 'amp_is_request' ) ? amp_is_request() : ( function_exists( 'is_amp_endpoint' ) && is_amp_endpoint() );
	// Nothing here depends on a request's headers: a page cache keeps what the first reader got.
	return ! ( $amp || is_admin() || is_login() || is_404() || is_feed() || is_embed() || is_preview() || is_robots()
		|| is_trackback() || is_customize_preview() || defined( 'REST_REQUEST' ) || defined( 'IFRAME_REQUEST' ) );
}

/** Whether this visitor is looked at: a guest, or a member whose roles are not free of ads. */
function is_asked( $settings ) {
	if ( ! is_user_logged_in() ) {
		return true;
	}
	return $settings['members'] && ! array_intersect( wp_get_current_user()->roles, $settings['ad_free'] );
}
