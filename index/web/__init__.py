"""Links and feeds: fetched safely and politely. Nothing here is imported before somebody adds a link."""
