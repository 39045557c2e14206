<?php
/**
 * The settings page, below "Settings" for administrators.
 *
 * @package adblock-detector
 */

namespace Adblock_Detector;

/** Register the option; WordPress checks the form's nonce and the capability. */
function register() {
	register_setting( ADBLOCK_DETECTOR_OPTION, ADBLOCK_DETECTOR_OPTION, array( 'sanitize_callback' => 'Adblock_Detector\sanitize' ) );
}

/** Add the page to the menu. */
function add_page() {
	load_plugin_textdomain( 'adblock-detector', false, 'adblock-detector/languages' );
	add_options_page( __( 'Adblock Detector', 'adblock-detector' ), __( 'Adblock Detector', 'adblock-detector' ), 'manage_options', 'adblock-detector', 'Adblock_Detector\show_page' );
}

/** Print the page, and the result of a test if one was asked for. */
function show_page() {
	if ( ! current_user_can( 'manage_options' ) ) {
		return;
	}
	$settings = settings();
	$key      = read_key( $settings['key'] );
	$modes    = $key ? $key['modes'] : array();
	echo '<div class="wrap"><h1>' . esc_html__( 'Adblock Detector', 'adblock-detector' ) . '</h1>';
	if ( isset( $_POST['adblock_detector_test'] ) && check_admin_referer( 'adblock_detector_test' ) ) {
		$failures = failures();
		foreach ( $failures ? $failures : array( __( 'All is well: the server answers, visitors get the script, and the home page has the tag.', 'adblock-detector' ) ) as $line ) {
			echo '<div class="notice notice-' . ( $failures ? 'error' : 'success' ) . '"><p>' . esc_html( $line ) . '</p></div>';
		}
	}
	echo '<form method="post" action="options.php"><table class="form-table" role="presentation">';
	settings_fields( ADBLOCK_DETECTOR_OPTION );
	row( __( 'Address of detector serve', 'adblock-detector' ), field( 'server', $settings['server'] ) );
	row( __( 'Site key', 'adblock-detector' ), '<textarea class="large-text code" rows="4" name="adblock_detector[key]">' . esc_textarea( $settings['key'] ) . '</textarea>', __( 'The line that "detector serve --config sites.toml --print-tag NAME --for wordpress" prints. It is no secret: every page shows what it contains.', 'adblock-detector' ) );
	row( __( 'Site name', 'adblock-detector' ), esc_html( $key ? $key['site'] : '–' ) );
	row( __( 'Pass our folder on', 'adblock-detector' ), box( 'php', $settings['php'], __( 'by WordPress; switch this off when the web server does it by the lines below, which is faster', 'adblock-detector' ) ) );
	foreach ( kinds() as $kind => $label ) {
		$mode = isset( $settings['modes'][ $kind ] ) ? $settings['modes'][ $kind ] : '';
		/* translators: %s: a kind of page, such as Pages */
		row( sprintf( __( 'Notice on: %s', 'adblock-detector' ), $label ), choice( "modes][$kind", $mode, array( 'off' => __( 'no tag at all', 'adblock-detector' ) ) + array_combine( $modes, $modes ) ) );
	}
	$roles = box( 'members', $settings['members'], __( 'look at logged-in members too, except those who are free of ads:', 'adblock-detector' ) );
	foreach ( wp_roles()->get_names() as $role => $label ) {
		$roles .= box( 'ad_free][', in_array( $role, $settings['ad_free'], true ), translate_user_role( $label ), $role );
	}
	row( __( 'Members', 'adblock-detector' ), $roles );
	foreach ( array( 'preset' => __( 'Wording', 'adblock-detector' ), 'language' => __( 'Language where the page names none', 'adblock-detector' ) ) as $name => $label ) {
		$words = $key ? $key[ $name . 's' ] : array();
		row( $label, choice( $name, $settings[ $name ], array_combine( $words, $words ) ), __( 'The server decides this: copy the lines for sites.toml below after a change.', 'adblock-detector' ) );
	}
	row( __( 'Address of the dashboard', 'adblock-detector' ), field( 'dashboard', $settings['dashboard'] ) . ( $settings['dashboard'] ? ' <a href="' . esc_url( $settings['dashboard'] ) . '">' . esc_html__( 'Open it', 'adblock-detector' ) . '</a>' : '' ) );
	echo '</table>';
	submit_button();
	echo '</form><form method="post">';
	wp_nonce_field( 'adblock_detector_test' );
	submit_button( __( 'Test it', 'adblock-detector' ), 'secondary', 'adblock_detector_test' );
	echo '</form>';
	if ( $key ) {
		echo '<h2>' . esc_html__( 'Lines for sites.toml', 'adblock-detector' ) . '</h2><pre>' . esc_html( site_lines( $settings, $key ) ) . '</pre>';
		echo '<h2>' . esc_html__( 'Lines for the web server', 'adblock-detector' ) . '</h2><pre>' . esc_html( server_lines( $key['folder'], $settings['server'] ) ) . '</pre>';
	}
	echo '</div>';
}

/** Return the kinds of pages and their labels. */
function kinds() {
	$kinds = array(
		'home'    => __( 'Home page', 'adblock-detector' ),
		'article' => __( 'Posts', 'adblock-detector' ),
	);
	foreach ( get_post_types( array( 'public' => true ), 'objects' ) as $type ) {
		$kinds += 'post' === $type->name ? array() : array( $type->name => $type->label );
	}
	return $kinds + array(
		'archive' => __( 'Archives', 'adblock-detector' ),
		'search'  => __( 'Search results', 'adblock-detector' ),
		'other'   => __( 'All others', 'adblock-detector' ),
	);
}

/** Print a row; the field is HTML, the rest is text. */
function row( $label, $field, $help = '' ) {
	echo '<tr><th scope="row">' . esc_html( $label ) . '</th><td>' . $field . ( $help ? '<p class="description">' . esc_html( $help ) . '</p>' : '' ) . '</td></tr>'; // phpcs:ignore -- escaped where it is made.
}

/** Return a text field. */
function field( $name, $value ) {
	return '<input type="url" class="regular-text" name="adblock_detector[' . esc_attr( $name ) . ']" value="' . esc_attr( $value ) . '">';
}

/** Return a checkbox with its label. */
function box( $name, $on, $label, $value = '1' ) {
	return '<p><label><input type="checkbox" name="adblock_detector[' . esc_attr( $name ) . ']" value="' . esc_attr( $value ) . '"' . checked( $on, true, false ) . '> ' . esc_html( $label ) . '</label></p>';
}

/** Return a list to choose from; the first entry leaves the choice to the server. */
function choice( $name, $value, $choices ) {
	$out = '<select name="adblock_detector[' . esc_attr( $name ) . ']"><option value="">' . esc_html__( 'as in sites.toml', 'adblock-detector' ) . '</option>';
	foreach ( $choices as $word => $label ) {
		$out .= '<option value="' . esc_attr( $word ) . '"' . selected( $value, $word, false ) . '>' . esc_html( $label ) . '</option>';
	}
	return $out . '</select>';
}
