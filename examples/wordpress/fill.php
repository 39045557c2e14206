<?php
/**
 * Fills the paper: sections, readers, stories, their comments, and the rules of the permalinks.
 *
 * @package wrenmouth
 */

require $argv[1] . '/wp-load.php';

$paper    = json_decode( stream_get_contents( STDIN ), true );
$sections = array();
foreach ( $paper['sections'] as $section ) {
	$term = wp_insert_term(
		$section['name'],
		'category',
		array(
			'slug'        => $section['slug'],
			'description' => $section['about'],
		)
	);

	$sections[ $section['slug'] ] = $term['term_id'];
}
update_option( 'default_category', reset( $sections ) );
wp_insert_user(
	array(
		'user_login' => 'reader',
		'user_email' => 'reader@wrenmouth.example',
		'user_pass'  => $paper['passwords']['reader'],
		'role'       => 'subscriber',
	)
);

wp_defer_term_counting( true );
wp_defer_comment_counting( true );
foreach ( $paper['posts'] as $rank => $post ) {
	$login  = sanitize_title( $post['author'] );
	$author = get_user_by( 'login', $login );
	$writer = $author ? $author->ID : wp_insert_user(
		array(
			'user_login'   => $login,
			'user_pass'    => wp_generate_password( 32 ),
			'display_name' => $post['author'],
			'role'         => 'author',
		)
	);
	$number = wp_insert_post(
		wp_slash(
			array(
				'post_name'     => $post['slug'],
				'post_title'    => $post['title'],
				'post_excerpt'  => $post['standfirst'],
				'post_content'  => $post['content'],
				'post_author'   => $writer,
				// The first one leads.
				'post_date'     => $post['date'] . sprintf( ' 05:%02d:00', 59 - $rank ),
				'post_status'   => 'publish',
				'post_category' => array( $sections[ $post['section'] ] ),
				'meta_input'    => array(
					'alt'     => $post['alt'],
					'caption' => $post['caption'],
				),
			)
		)
	);
	foreach ( $post['comments'] as $place => list( $name, $text ) ) {
		wp_insert_comment(
			wp_slash(
				array(
					'comment_post_ID'      => $number,
					'comment_author'       => $name,
					'comment_author_email' => sanitize_title( $name ) . '@wrenmouth.example',
					'comment_content'      => $text,
					'comment_date'         => $post['date'] . sprintf( ' %02d:15:00', 9 + $place ),
				)
			)
		);
	}
}
wp_defer_comment_counting( false );
wp_defer_term_counting( false );

// Sections are a part of the addresses of stories: without these rules each story answers 404.
flush_rewrite_rules( false );
