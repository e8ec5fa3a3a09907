"""Shells for the tests of this folder."""

from support.shell_fixtures import live, shell

__all__ = ["live", "shell"]
