<?php
/**
 * The front page: the lead, the day's stories, and short news.
 *
 * @package wrenmouth
 */

if ( is_paged() ) {
	require __DIR__ . '/index.php';
	return;
}
get_header();
$brief = get_category_by_slug( 'brief' );
$query = new WP_Query( array( 'posts_per_page' => 8, 'no_found_rows' => true, 'category__not_in' => $brief ? array( $brief->term_id ) : array() ) );
?>
<?php if ( $query->have_posts() ) : ?>
	<?php $query->the_post(); ?>
<article class="lead">
  <a class="lead-picture" href="<?php the_permalink(); ?>" tabindex="-1" aria-hidden="true"><?php echo picture( '', true ); // phpcs:ignore -- escaped where it is made. ?></a>
  <div>
    <p class="kicker"><?php echo esc_html( section() ? section()->name : '' ); ?></p>
    <h2 class="lead-headline"><a href="<?php the_permalink(); ?>"><?php the_title(); ?></a></h2>
    <p class="lead-standfirst"><?php echo wp_kses_post( get_the_excerpt() ); ?></p>
    <?php get_template_part( 'parts/byline' ); ?>
  </div>
</article>
<?php endif; ?>
<div class="columns">
  <section class="main-column" aria-labelledby="today">
    <h2 class="rule-title" id="today">Also today</h2>
    <div class="grid">
      <?php
		while ( $query->current_post < 6 && $query->have_posts() ) {
			$query->the_post();
			get_template_part( 'parts/story' );
		}
		?>
    </div>
  </section>
  <aside class="side-column" aria-label="More from the paper">
    <?php
	echo adsense( '1000000001' ); // phpcs:ignore -- escaped where it is made.
	short_list( 'Most discussed', 'most-discussed', get_posts( array( 'numberposts' => 5, 'fields' => 'ids', 'orderby' => 'comment_count' ) ), true );
	?>
    <section class="box brief" aria-labelledby="brief">
      <h2 class="box-title" id="brief">In brief</h2>
      <ul>
      <?php foreach ( get_posts( array( 'numberposts' => 4, 'category_name' => 'brief' ) ) as $one ) : ?>
        <li><h3><a href="<?php echo esc_url( get_permalink( $one ) ); ?>"><?php echo esc_html( get_the_title( $one ) ); ?></a></h3><p><?php echo esc_html( wp_strip_all_tags( get_the_excerpt( $one ) ) ); ?></p></li>
      <?php endforeach; ?>
      </ul>
      <p class="box-more"><a href="<?php echo esc_url( $brief ? get_category_link( $brief ) : home_url( '/' ) ); ?>">All short news</a></p>
    </section>
  </aside>
</div>
<?php if ( $query->have_posts() ) : ?>
	<?php $query->the_post(); ?>
<section class="feature" aria-labelledby="weekend">
  <h2 class="rule-title" id="weekend">For the weekend</h2>
	<?php get_template_part( 'parts/story' ); ?>
</section>
<?php endif; ?>
<?php
wp_reset_postdata();
get_footer();
