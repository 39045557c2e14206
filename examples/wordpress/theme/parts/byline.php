<?php
/**
 * Who wrote a story, and when.
 *
 * @package wrenmouth
 */

?>
<p class="byline">By <span class="author"><?php the_author(); ?></span> <span class="dot" aria-hidden="true">·</span> <time datetime="<?php echo esc_attr( get_the_date( 'c' ) ); ?>"><?php echo esc_html( get_the_date( 'j F Y' ) ); ?></time><?php if ( is_singular() && get_queried_object_id() === get_the_ID() ) : ?> <span class="dot" aria-hidden="true">·</span> <?php echo (int) minutes(); ?> min read<?php endif; ?></p>
