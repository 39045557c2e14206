<?php
/**
 * A page that does not exist.
 *
 * @package wrenmouth
 */

get_header();
?>
<header class="article-head">
  <h1>That page has sailed</h1>
  <p class="article-standfirst">It is not at this address. These stories still are.</p>
</header>
<div class="grid grid-three">
<?php
foreach ( get_posts( array( 'numberposts' => 3 ) ) as $post ) { // phpcs:ignore -- reset below.
	setup_postdata( $post );
	get_template_part( 'parts/story' );
}
wp_reset_postdata();
?>
</div>
<?php
get_footer();
