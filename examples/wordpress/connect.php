<?php
/**
 * Activates the plugin, and enters what an owner would paste: the server's address and the site key.
 *
 * @package wrenmouth
 */

require $argv[1] . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/plugin.php';

$failed = activate_plugin( 'adblock-detector/adblock-detector.php' );
if ( is_wp_error( $failed ) ) {
	fwrite( STDERR, $failed->get_error_message() . "\n" );
	exit( 1 );
}
$stored = get_option( 'adblock_detector', array() );
update_option(
	'adblock_detector',
	array(
		'server' => $argv[2],
		'key'    => $argv[3],
		// nginx passes the detector's folder on.
		'php'    => isset( $stored['php'] ) ? $stored['php'] : false,
	) + ( is_array( $stored ) ? $stored : array() )
);
