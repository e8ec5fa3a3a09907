"""Secrets that somebody puts into the settings file, where none belongs."""

from __future__ import annotations

from typing import Final

__all__ = ["misplaced_secret"]

_ENDS: Final = ("secret", "password", "token", "api_key")


def misplaced_secret(key: str) -> str:
    """Say where the secret belongs that an unknown key seems to hold; empty where the key is no secret's."""
    section, _, field = key.rpartition(".")
    if not field.lower().endswith(_ENDS):
        return ""
    asks = "xpmsync notify set mail-password" if section == "notify" else "xpmsync login xpm"
    return f"secrets do not belong in the settings file; '{asks}' asks for it and the keyring keeps it"
