"""The screen, sanitising, progress and the JSON envelope."""
