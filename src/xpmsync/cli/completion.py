"""Shell completion for clients: the names and ids of linked ones, from the ledger alone."""

from __future__ import annotations

import os

import typer

__all__ = ["linked_clients"]


def linked_clients(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Offer linked clients whose name or id begins like what was typed; nothing when anything is amiss."""
    try:
        return _matching(ctx, incomplete.casefold())
    except Exception:
        # A shell shows whatever a completion prints; silence is the only good answer to trouble.
        return []


def _matching(ctx: typer.Context, start: str) -> list[tuple[str, str]]:
    from xpmsync.local.ledger.health import count_links
    from xpmsync.local.system.paths import Paths

    options = ctx.find_root().params
    config = options.get("config")
    profile = options.get("profile") or os.environ.get("XPMSYNC_PROFILE") or "default"
    ledger = Paths.from_environment(os.environ, config).profile(profile).ledger
    # Looked at, not opened: a key pressed by chance must not set a damaged ledger aside.
    links = count_links(ledger)
    by_name = [(name, ignition_id) for _, ignition_id, name in links if name.casefold().startswith(start)]
    by_id = [(xpm_id, name) for xpm_id, _, name in links if start and xpm_id.startswith(start)]
    return by_name + by_id
