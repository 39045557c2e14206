<?php
/**
 * The colophon.
 *
 * @package wrenmouth
 */

?>
</main>
<footer class="colophon">
  <div class="colophon-inner">
    <div class="colophon-about">
      <p class="colophon-name"><?php bloginfo( 'name' ); ?></p>
      <p>4 Lantern Quay, Wrenmouth. The door is blue and the bell does not work; please knock.</p>
    </div>
    <nav aria-labelledby="footer-sections">
      <h2 id="footer-sections">All sections</h2>
      <ul><?php wp_list_categories( array( 'title_li' => '', 'orderby' => 'term_id' ) ); ?></ul>
    </nav>
    <nav aria-labelledby="footer-readers">
      <h2 id="footer-readers">For readers</h2>
      <ul>
        <li><a href="<?php echo esc_url( home_url( '/?s=' ) ); ?>">Search</a></li>
        <li><a href="<?php echo esc_url( get_feed_link() ); ?>">Feed</a></li>
        <li><?php wp_loginout(); ?></li>
      </ul>
    </nav>
  </div>
  <p class="small-print">© <?php echo esc_html( wp_date( 'Y' ) ); ?> <?php bloginfo( 'name' ); ?>. The town, its people and its news are invented.</p>
</footer>
<?php wp_footer(); ?>
</body>
</html>
