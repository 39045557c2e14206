"""What happens to a page on its way out: is it eligible, where does the tag go, which tag."""
