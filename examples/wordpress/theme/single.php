<?php
/**
 * A story.
 *
 * @package wrenmouth
 */

get_header();
the_post();
$section = section();
$picture = picture( (string) get_post_meta( get_the_ID(), 'alt', true ), true );
?>
<nav class="breadcrumb" aria-label="Breadcrumb">
  <ol>
    <li><a href="<?php echo esc_url( home_url( '/' ) ); ?>">Front page</a></li>
    <?php if ( $section ) : ?>
    <li><a href="<?php echo esc_url( get_category_link( $section ) ); ?>"><?php echo esc_html( $section->name ); ?></a></li>
    <?php endif; ?>
    <li><span aria-current="page"><?php the_title(); ?></span></li>
  </ol>
</nav>
<div class="columns">
  <div class="main-column">
    <article class="article">
      <header class="article-head">
        <p class="kicker"><?php echo esc_html( $section ? $section->name : '' ); ?></p>
        <h1><?php the_title(); ?></h1>
        <p class="article-standfirst"><?php echo wp_kses_post( get_the_excerpt() ); ?></p>
        <?php get_template_part( 'parts/byline' ); ?>
        <?php echo share(); // phpcs:ignore -- escaped where it is made. ?>
      </header>
      <?php if ( $picture ) : ?>
      <figure class="article-figure">
        <?php echo $picture; // phpcs:ignore -- escaped where it is made. ?>
        <figcaption><?php echo wp_kses_post( (string) get_post_meta( get_the_ID(), 'caption', true ) ); ?> <span class="credit">Illustration: the Courier</span></figcaption>
      </figure>
      <?php endif; ?>
      <div class="prose"><?php the_content(); ?></div>
      <?php echo share( 'share-after' ); // phpcs:ignore -- escaped where it is made. ?>
    </article>
    <?php comments_template(); ?>
  </div>
  <aside class="side-column side-stays" aria-label="More from the paper">
    <?php
	echo slot( 'side', '/0000000/courier/article-side', 'rectangle', array( array( 300, 250 ) ), array( array( 300, 250 ) ) ); // phpcs:ignore -- escaped where it is made.
	$shown = related();
	short_list( 'Elsewhere in the paper', 'elsewhere', get_posts( array( 'numberposts' => 5, 'fields' => 'ids', 'post__not_in' => array_merge( $shown, array( get_the_ID() ) ) ) ) );
	?>
  </aside>
</div>
<section class="related" aria-labelledby="related">
  <h2 class="rule-title" id="related">You may also like</h2>
  <div class="grid grid-three">
    <?php
	foreach ( $shown as $number ) {
		$GLOBALS['post'] = get_post( $number ); // phpcs:ignore -- reset below.
		setup_postdata( $GLOBALS['post'] );
		get_template_part( 'parts/story' );
	}
	wp_reset_postdata();
	?>
  </div>
</section>
<?php
get_footer();
