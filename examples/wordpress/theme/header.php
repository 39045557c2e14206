<?php
/**
 * The head and the masthead.
 *
 * @package wrenmouth
 */

$here = is_category() ? get_queried_object() : ( is_singular( 'post' ) ? section() : null );
$name = is_front_page() ? 'h1' : 'p';
?>
<!doctype html>
<html <?php language_attributes(); ?>>
<head>
  <meta charset="<?php bloginfo( 'charset' ); ?>">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <meta name="description" content="<?php echo esc_attr( wp_strip_all_tags( is_singular() ? get_the_excerpt() : get_bloginfo( 'description' ) ) ); ?>">
  <link rel="icon" href="<?php echo esc_url( get_theme_file_uri( 'mark.svg' ) ); ?>" type="image/svg+xml">
  <?php wp_head(); ?>
</head>
<body <?php body_class(); ?>>
<?php wp_body_open(); ?>
<a class="skip" href="#content">Skip to the content</a>
<header class="masthead">
  <div class="masthead-meta">
    <p><time datetime="<?php echo esc_attr( wp_date( 'Y-m-d' ) ); ?>"><span class="weekday"><?php echo esc_html( wp_date( 'l' ) ); ?>, </span><?php echo esc_html( wp_date( 'j F Y' ) ); ?></time></p>
    <p class="motto">Printed on the quay since the ice house burned down</p>
    <p><?php wp_loginout(); ?></p>
  </div>
  <<?php echo esc_html( $name ); ?> class="masthead-name"><a href="<?php echo esc_url( home_url( '/' ) ); ?>"><img src="<?php echo esc_url( get_theme_file_uri( 'mark.svg' ) ); ?>" alt="" width="64" height="64"><span><?php bloginfo( 'name' ); ?></span></a></<?php echo esc_html( $name ); ?>>
  <nav class="sections" aria-label="Sections">
    <ul>
      <?php foreach ( get_categories( array( 'orderby' => 'term_id' ) ) as $section ) : ?>
      <li><a href="<?php echo esc_url( get_category_link( $section ) ); ?>"<?php echo $here && $here->term_id === $section->term_id ? ' aria-current="' . ( is_category() ? 'page' : 'true' ) . '"' : ''; ?>><?php echo esc_html( $section->name ); ?></a></li>
      <?php endforeach; ?>
    </ul>
  </nav>
</header>
<aside class="top" aria-label="Advertisement at the top">
  <?php echo slot( 'top', '/0000000/courier/leaderboard', 'wide', array( array( 728, 90 ) ), array( array( 320, 100 ), array( 320, 50 ) ) ); // phpcs:ignore -- escaped where it is made. ?>
</aside>
<main id="content" tabindex="-1">
