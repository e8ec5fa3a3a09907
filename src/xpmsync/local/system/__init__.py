"""Files, SQLite, locks, clock, paths and the log."""
