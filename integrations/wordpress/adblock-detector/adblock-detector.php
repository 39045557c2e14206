<?php
/**
 * Plugin Name:       Adblock Detector
 * Description:       Tells which page views have their ads blocked, and asks politely. Needs a running "detector serve".
 * Version:           1.0.0
 * Requires at least: 6.1
 * Requires PHP:      7.4
 * License:           MIT
 * License URI:       https://opensource.org/license/mit
 * Text Domain:       adblock-detector
 * Domain Path:       /languages
 *
 * @package adblock-detector
 */

// A second copy, such as one among the must-use plugins, does nothing.
if ( ! defined( 'ABSPATH' ) || defined( 'ADBLOCK_DETECTOR_OPTION' ) ) {
	return;
}

define( 'ADBLOCK_DETECTOR_OPTION', 'adblock_detector' );

require __DIR__ . '/includes/settings.php';
require __DIR__ . '/includes/tag.php';
require __DIR__ . '/includes/proxy.php';

// Our folder is answered before WordPress looks for a page or another plugin starts its work.
add_action( 'plugins_loaded', 'Adblock_Detector\pass_on', PHP_INT_MIN );
// Ahead of every other script, so that no failing request of the page is missed.
add_action( 'wp_head', 'Adblock_Detector\print_tag', PHP_INT_MIN );

if ( is_admin() ) {
	require __DIR__ . '/includes/checks.php';
	require __DIR__ . '/includes/page.php';
	add_action( 'admin_init', 'Adblock_Detector\register' );
	add_action( 'admin_menu', 'Adblock_Detector\add_page' );
}
