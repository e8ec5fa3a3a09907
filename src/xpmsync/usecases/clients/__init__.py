"""Search, import, link, match and explain."""
