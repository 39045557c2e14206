<?php
/**
 * Comments, and the form for another one.
 *
 * @package wrenmouth
 */

$needed = ' required aria-required="true"';
?>
<section class="comments" id="comments" aria-labelledby="comments-title">
  <h2 class="rule-title" id="comments-title"><?php echo esc_html( sprintf( 1 === (int) get_comments_number() ? '%d comment' : '%d comments', get_comments_number() ) ); ?></h2>
  <ol class="comment-list"><?php wp_list_comments( array( 'callback' => 'print_comment' ) ); ?></ol>
  <div class="form">
  <?php
	comment_form(
		array(
			'title_reply'          => 'Write a comment',
			'title_reply_before'   => '<h3 id="reply-title">',
			'title_reply_after'    => '</h3>',
			'comment_notes_before' => '<p class="comment-notes">Your email address is not published.</p>',
			'class_submit'         => 'button',
			'label_submit'         => 'Post the comment',
			'comment_field'        => '<p class="field"><label for="comment">Your comment</label><textarea id="comment" name="comment" rows="4" maxlength="600"' . $needed . '></textarea></p>',
			'fields'               => array(
				'author'  => '<p class="field"><label for="author">Your name</label><input id="author" name="author" maxlength="40" autocomplete="name"' . $needed . '></p>',
				'email'   => '<p class="field"><label for="email">Your email address</label><input id="email" name="email" type="email" maxlength="100" autocomplete="email"' . $needed . '></p>',
				'cookies' => '<p class="field-check"><input id="wp-comment-cookies-consent" name="wp-comment-cookies-consent" type="checkbox" value="yes"><label for="wp-comment-cookies-consent">Remember my name and address for the next comment</label></p>',
			),
		)
	);
	?>
  </div>
</section>
