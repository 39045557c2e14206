<?php
/**
 * The settings of one site: their defaults, and what of the form is accepted.
 *
 * @package adblock-detector
 */

namespace Adblock_Detector;

const DEFAULTS = array(
	'server'    => 'http://127.0.0.1:8100',
	'key'       => '',
	'php'       => true,
	'modes'     => array(),
	'members'   => false,
	'ad_free'   => array(),
	'preset'    => '',
	'language'  => '',
	'dashboard' => '',
);
const LETTERS  = 'bcfghjkmnpqrvwxz';

/** Return the stored settings, with the defaults for what is missing or of another type. */
function settings() {
	$stored = get_option( ADBLOCK_DETECTOR_OPTION, array() );
	$stored = is_array( $stored ) ? $stored : array();
	foreach ( DEFAULTS as $name => $usual ) {
		if ( ! isset( $stored[ $name ] ) || gettype( $stored[ $name ] ) !== gettype( $usual ) ) {
			$stored[ $name ] = $usual;
		}
	}
	return $stored;
}

/**
 * Return what a site key contains, or null if the text is none.
 *
 * Only what has the exact form of our names gets into a page, whatever was entered.
 */
function read_key( $text ) {
	$key = json_decode( $text, true );
	if ( ! is_array( $key ) ) {
		return null;
	}
	$forms = array(
		'site'      => '/^[A-Za-z0-9_-]{1,64}$/D',
		'folder'    => '#^(/[A-Za-z0-9._~-]+)*/[' . LETTERS . ']{8}$#D',
		'script'    => '/^[' . LETTERS . ']{14}\.js(\?[a-z0-9.-]{1,80})?$/D',
		'attribute' => '/^data-[' . LETTERS . ']{3}$/D',
	);
	foreach ( $forms as $name => $form ) {
		if ( ! isset( $key[ $name ] ) || ! is_string( $key[ $name ] ) || ! preg_match( $form, $key[ $name ] ) ) {
			return null;
		}
	}
	foreach ( array( 'groups', 'modes', 'presets', 'languages' ) as $name ) {
		$words = isset( $key[ $name ] ) && is_array( $key[ $name ] ) ? $key[ $name ] : array();
		foreach ( $words as $word ) {
			if ( ! is_string( $word ) || ! preg_match( '#^[A-Za-z0-9./_*-]{1,256}$#D', $word ) ) {
				return null;
			}
		}
		$key[ $name ] = $words;
	}
	return isset( $key['groups']['other'] ) ? $key : null;
}

/** Return a server's origin, or '' if the text is not one: no path, no user, no other scheme. */
function read_origin( $text ) {
	$form = '#^https?://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?$#D';
	$text = rtrim( trim( $text ), '/' );
	return preg_match( $form, $text ) ? $text : '';
}

/** Return what of the form is stored; a wrong address or key keeps the one before, with an error. */
function sanitize( $form ) {
	$old   = settings();
	$form  = is_array( $form ) ? $form : array();
	$new   = $old;
	$texts = array();
	foreach ( array( 'server', 'key', 'preset', 'language', 'dashboard' ) as $name ) {
		$texts[ $name ] = isset( $form[ $name ] ) && is_string( $form[ $name ] ) ? trim( $form[ $name ] ) : '';
	}
	if ( read_origin( $texts['server'] ) ) {
		$new['server'] = read_origin( $texts['server'] );
	} else {
		complain( __( 'The server’s address must be http:// or https://, a host and a port, such as http://127.0.0.1:8100.', 'adblock-detector' ) );
	}
	$key = read_key( $texts['key'] );
	if ( '' === $texts['key'] || $key ) {
		$new['key'] = $key ? wp_json_encode( $key, JSON_UNESCAPED_SLASHES ) : '';
	} else {
		complain( __( 'That is no site key: paste the whole line that "detector serve --config FILE --print-tag NAME --for wordpress" prints.', 'adblock-detector' ) );
	}
	$new['php']       = ! empty( $form['php'] );
	$new['members']   = ! empty( $form['members'] );
	$new['ad_free']   = isset( $form['ad_free'] ) ? array_map( 'sanitize_key', array_filter( (array) $form['ad_free'], 'is_string' ) ) : array();
	$new['preset']    = sanitize_key( $texts['preset'] );
	$new['language']  = preg_replace( '/[^A-Za-z-]/', '', $texts['language'] );
	$new['dashboard'] = esc_url_raw( $texts['dashboard'], array( 'http', 'https' ) );
	$new['modes']     = array();
	foreach ( isset( $form['modes'] ) ? (array) $form['modes'] : array() as $kind => $mode ) {
		if ( is_string( $mode ) && '' !== $mode ) {
			$new['modes'][ sanitize_key( $kind ) ] = sanitize_key( $mode );
		}
	}
	if ( array( $old['key'], $old['modes'] ) !== array( $new['key'], $new['modes'] ) ) {
		complain( __( 'Your pages have another tag now: purge your page caches, or their readers keep the old one.', 'adblock-detector' ), 'warning' );
	}
	delete_transient( 'adblock_detector_away' );
	return $new;
}

/** Show a message above the form. */
function complain( $text, $type = 'error' ) {
	add_settings_error( ADBLOCK_DETECTOR_OPTION, md5( $text ), $text, $type );
}
