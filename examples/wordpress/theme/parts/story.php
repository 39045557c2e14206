<?php
/**
 * A story in a list.
 *
 * @package wrenmouth
 */

$section = section();
$picture = picture();
?>
<article class="story">
  <?php if ( $picture ) : ?>
  <a class="story-picture" href="<?php the_permalink(); ?>" tabindex="-1" aria-hidden="true"><?php echo $picture; // phpcs:ignore -- escaped where it is made. ?></a>
  <?php endif; ?>
  <div class="story-words">
    <p class="kicker"><?php echo esc_html( $section ? $section->name : '' ); ?></p>
    <h3 class="story-headline"><a href="<?php the_permalink(); ?>"><?php the_title(); ?></a></h3>
    <p class="story-standfirst"><?php echo wp_kses_post( get_the_excerpt() ); ?></p>
    <?php get_template_part( 'parts/byline' ); ?>
  </div>
</article>
