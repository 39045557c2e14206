<?php
/**
 * Sections, search results and other lists.
 *
 * @package wrenmouth
 */

get_header();
$heading = is_search() ? 'Search' : ( is_category() ? single_cat_title( '', false ) : 'The paper' );
?>
<div class="columns">
  <div class="main-column">
    <header class="article-head">
      <h1><?php echo esc_html( $heading ); ?></h1>
      <?php if ( is_category() ) : ?>
      <p class="article-standfirst"><?php echo esc_html( wp_strip_all_tags( category_description() ) ); ?></p>
      <?php endif; ?>
      <?php if ( is_search() ) : ?>
      <form class="seek" role="search" action="<?php echo esc_url( home_url( '/' ) ); ?>"><input type="search" name="s" aria-label="Words to search for" value="<?php echo esc_attr( get_search_query( false ) ); ?>"><button class="button">Search</button></form>
      <?php endif; ?>
    </header>
    <div class="rows grid">
      <?php
		while ( have_posts() ) {
			the_post();
			get_template_part( 'parts/story' );
		}
		?>
    </div>
    <nav class="more" aria-label="Pages"><?php posts_nav_link( ' ', 'Newer stories', 'Older stories' ); ?></nav>
  </div>
  <aside class="side-column" aria-label="More from the paper">
    <?php
	echo adsense( '1000000002' ); // phpcs:ignore -- escaped where it is made.
	short_list( 'Latest', 'latest', get_posts( array( 'numberposts' => 5, 'fields' => 'ids' ) ) );
	?>
  </aside>
</div>
<?php
get_footer();
