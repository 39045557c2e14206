<?php
/**
 * Removes the settings, on every site of a network.
 *
 * @package adblock-detector
 */

if ( ! defined( 'WP_UNINSTALL_PLUGIN' ) ) {
	return;
}

foreach ( is_multisite() ? get_sites( array( 'fields' => 'ids', 'number' => 0 ) ) : array( 0 ) as $adblock_detector_site ) {
	$adblock_detector_site && switch_to_blog( $adblock_detector_site );
	delete_option( 'adblock_detector' );
	delete_transient( 'adblock_detector_away' );
	$adblock_detector_site && restore_current_blog();
}
