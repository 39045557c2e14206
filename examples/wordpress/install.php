<?php
/**
 * Creates WordPress' tables and its first user. The content follows in another process, which knows the permalinks.
 *
 * @package wrenmouth
 */

define( 'WP_INSTALLING', true );
require $argv[1] . '/wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';

/** Adds no post about WordPress itself. */
function wp_install_defaults() {
}

/** Sends no mail. */
function wp_new_blog_notification() {
}

$paper = json_decode( stream_get_contents( STDIN ), true );
wp_install( 'The Wrenmouth Courier', 'editor', 'editor@wrenmouth.example', true, '', $paper['passwords']['editor'] );
update_option( 'blogdescription', 'News from Wrenmouth, its harbour and its hills.' );
update_option( 'permalink_structure', '/%category%/%postname%/' );
update_option( 'category_base', 'section' );
update_option( 'template', 'wrenmouth' );
update_option( 'stylesheet', 'wrenmouth' );
update_option( 'comment_moderation', '' );
update_option( 'comment_previously_approved', '' );
update_option( 'comments_notify', '' );
update_option( 'default_pingback_flag', '' );
update_option( 'default_ping_status', 'closed' );
