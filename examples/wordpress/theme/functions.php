<?php
/**
 * A newspaper: what its pages are made of.
 *
 * @package wrenmouth
 */

add_action(
	'after_setup_theme',
	function () {
		add_theme_support( 'title-tag' );
		add_theme_support( 'automatic-feed-links' );
		add_theme_support( 'html5', array( 'search-form', 'comment-form', 'comment-list', 'script', 'style' ) );
		// Its pages show no emoji as pictures.
		remove_action( 'wp_head', 'print_emoji_detection_script', 7 );
		remove_action( 'wp_print_styles', 'print_emoji_styles' );
	}
);

add_action(
	'wp_enqueue_scripts',
	function () {
		wp_dequeue_style( 'classic-theme-styles' );
		wp_dequeue_style( 'global-styles' );
		wp_dequeue_style( 'wp-block-library' );
		wp_enqueue_style( 'paper', get_theme_file_uri( 'paper.css' ), array(), '1' );
		wp_enqueue_style( 'wrenmouth', get_stylesheet_uri(), array( 'paper' ), '1' );
		if ( is_singular() && comments_open() ) {
			wp_enqueue_script( 'comment-reply' );
		}
	},
	20
);

// The ad networks' own loaders; a third party that is slow or away holds up no page.
add_action(
	'wp_head',
	function () {
		wp_print_script_tag(
			array(
				'async'       => true,
				'src'         => 'https://pagead2.googlesyndication.com/pagead/js/adsbygoogle.js?client=ca-pub-0000000000000000',
				'crossorigin' => 'anonymous',
			)
		);
		wp_print_script_tag(
			array(
				'async' => true,
				'src'   => 'https://securepubads.g.doubleclick.net/tag/js/gpt.js',
			)
		);
		wp_print_inline_script_tag( 'window.googletag = window.googletag || {cmd: []};' );
	}
);

// A page cache keeps the story as it was: whoever has just commented comes back to an address that it does not have.
add_filter(
	'comment_post_redirect',
	function ( $address, $comment ) {
		return add_query_arg( 'comment', $comment->comment_ID, $address );
	},
	10,
	2
);

add_filter(
	'the_content',
	function ( $content ) {
		$parts = explode( '</p>', $content );
		if ( ! is_singular( 'post' ) || ! in_the_loop() || count( $parts ) < 5 ) {
			return $content;
		}
		$parts[3] .= '</p>' . adsense( '1000000003' );
		return str_replace( '</div></p>', '</div>', implode( '</p>', $parts ) );
	}
);

add_filter(
	'excerpt_length',
	function () {
		return 30;
	}
);
remove_filter( 'the_excerpt', 'wpautop' );

/** Return a slot of AdSense, with its height kept from the first paint. */
function adsense( $slot ) {
	return '<div class="reserve reserve-rectangle"><p class="reserve-label">Advertisement</p><div class="reserve-panel">'
		. '<ins class="adsbygoogle reserve-fill" data-ad-client="ca-pub-0000000000000000" data-ad-slot="' . esc_attr( $slot ) . '"></ins></div>'
		. wp_get_inline_script_tag( '(adsbygoogle = window.adsbygoogle || []).push({});' ) . '</div>';
}

/** Return a slot of Google's publisher tag; on narrow screens `$narrow` are its sizes. */
function slot( $id, $unit, $shape, $sizes, $narrow ) {
	$name = wp_json_encode( "div-gpt-ad-$id" );
	$code = 'googletag.cmd.push(function () {
  var sizes = googletag.sizeMapping().addSize([800, 0], ' . wp_json_encode( $sizes ) . ').addSize([0, 0], ' . wp_json_encode( $narrow ) . ').build();
  googletag.defineSlot(' . wp_json_encode( $unit ) . ', ' . wp_json_encode( array_merge( $sizes, $narrow ) ) . ", $name)
    .defineSizeMapping(sizes).addService(googletag.pubads());
  googletag.enableServices();
  googletag.display($name);
});";
	return '<div class="reserve reserve-' . esc_attr( $shape ) . '"><p class="reserve-label">Advertisement</p><div class="reserve-panel">'
		. '<div id="div-gpt-ad-' . esc_attr( $id ) . '" class="reserve-fill"></div></div>' . wp_get_inline_script_tag( $code ) . '</div>';
}

/** Return the section of a story. */
function section() {
	$found = get_the_category();
	return $found ? $found[0] : null;
}

/** Return the minutes that a story takes to read, by 220 words a minute. */
function minutes() {
	return max( 1, (int) round( str_word_count( wp_strip_all_tags( get_the_content() ) ) / 220 ) );
}

/** Return the picture of a story, or nothing if it has none. */
function picture( $alt = '', $eager = false ) {
	$file = get_post_field( 'post_name' ) . '.svg';
	if ( ! is_readable( get_theme_file_path( $file ) ) ) {
		return '';
	}
	return '<img class="picture" src="' . esc_url( get_theme_file_uri( $file ) ) . '" alt="' . esc_attr( $alt ) . '" width="1200" height="750"' . ( $eager ? '' : ' loading="lazy"' ) . '>';
}

/** Return the links by which a story is shared: plain links, no script of anybody. */
function share( $class = '' ) {
	$url   = rawurlencode( get_permalink() );
	$title = rawurlencode( get_the_title() );
	$links = array(
		'Email'    => "mailto:?subject=$title&body=$url",
		'WhatsApp' => "https://wa.me/?text=$title%20$url",
		'Facebook' => "https://www.facebook.com/sharer/sharer.php?u=$url",
		'X'        => "https://x.com/intent/post?url=$url&text=$title",
		'Bluesky'  => "https://bsky.app/intent/compose?text=$title%20$url",
	);
	$out   = '';
	foreach ( $links as $name => $link ) {
		$out .= '<li><a href="' . esc_url( $link, array( 'https', 'mailto' ) ) . '" rel="nofollow noopener">' . esc_html( $name ) . '</a></li>';
	}
	return '<ul class="share ' . esc_attr( $class ) . '" aria-label="Share this story">' . $out . '</ul>';
}

/** Return stories beside this one, those of its section first. */
function related( $count = 3 ) {
	$section = section();
	$given   = array(
		'post__not_in'  => array( get_the_ID() ),
		'fields'        => 'ids',
		'no_found_rows' => true,
	);
	$near    = get_posts( $given + array( 'numberposts' => $count, 'category' => $section ? $section->term_id : 0 ) );
	$others  = get_posts( $given + array( 'numberposts' => 2 * $count ) );
	return array_slice( array_unique( array_merge( $near, $others ) ), 0, $count );
}

/** Print a short list of stories. */
function short_list( $title, $id, $stories, $ranked = false ) {
	echo '<section class="box" aria-labelledby="' . esc_attr( $id ) . '"><h2 class="box-title" id="' . esc_attr( $id ) . '">' . esc_html( $title ) . '</h2><ol class="short-list' . ( $ranked ? ' ranked' : '' ) . '">';
	foreach ( $stories as $one ) {
		echo '<li><a href="' . esc_url( get_permalink( $one ) ) . '">' . esc_html( get_the_title( $one ) ) . '</a></li>';
	}
	echo '</ol></section>';
}

/** Print a comment; WordPress closes its list item. */
function print_comment( $comment, $args, $depth ) {
	echo '<li class="comment" id="comment-' . (int) $comment->comment_ID . '"><p class="comment-name">' . esc_html( get_comment_author( $comment ) )
		. ' <time datetime="' . esc_attr( get_comment_date( 'c', $comment ) ) . '">' . esc_html( get_comment_date( 'j F Y', $comment ) ) . '</time></p>'
		. '<div class="comment-text">' . wp_kses_post( wpautop( get_comment_text( $comment ) ) ) . '</div>'; // phpcs:ignore -- escaped above.
}
