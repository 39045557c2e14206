<?php
/**
 * The example's configuration; "start" fills in the words between @.
 *
 * @package wrenmouth
 */

// The addresses that this site has, by the host that a browser names; another host gets the first one.
$addresses = json_decode( '@ADDRESSES@', true );
$asked     = isset( $_SERVER['HTTP_HOST'], $addresses[ $_SERVER['HTTP_HOST'] ] ) ? $_SERVER['HTTP_HOST'] : key( $addresses );

define( 'WP_HOME', $addresses[ $asked ] );
define( 'WP_SITEURL', WP_HOME );
if ( 0 === strpos( WP_HOME, 'https:' ) ) {
	// TLS ends before nginx.
	$_SERVER['HTTPS'] = 'on';
}

define( 'DB_NAME', 'wordpress' );
// The database's own socket in a folder of this user: the system says who connects, so there is no password.
define( 'DB_USER', '@USER@' );
define( 'DB_PASSWORD', '' );
define( 'DB_HOST', 'localhost:@SITE@/mariadb.sock' );
define( 'DB_CHARSET', 'utf8mb4' );
define( 'DB_COLLATE', '' );
$table_prefix = 'wp_';

require __DIR__ . '/../salts.php';

// An example asks no other machine, changes none of its own files, and runs no work in the background.
define( 'WP_HTTP_BLOCK_EXTERNAL', true );
define( 'WP_ACCESSIBLE_HOSTS', '127.0.0.1,localhost' );
define( 'DISALLOW_FILE_MODS', true );
define( 'AUTOMATIC_UPDATER_DISABLED', true );
define( 'DISABLE_WP_CRON', true );

if ( ! defined( 'ABSPATH' ) ) {
	define( 'ABSPATH', __DIR__ . '/' );
}
require ABSPATH . 'wp-settings.php';
