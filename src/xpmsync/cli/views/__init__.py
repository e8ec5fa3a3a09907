"""Results for people and as JSON."""
