"""What tests share: servers, visitors, pages and lists."""
