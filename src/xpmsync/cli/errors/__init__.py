"""Errors as sentences, hints and exit codes."""
