"""Typer commands, the one renderer, and the one place where errors become words and exit codes."""
