"""Shell completion for clients: the names and ids of linked ones, from the ledger alone."""

from __future__ import annotations

import os

import typer

__all__ = ["linked_clients"]


def linked_clients(context: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Offer linked clients whose name or id begins like what was typed; nothing when anything is amiss."""
    try:
        return _matching(context, incomplete.casefold())
    except Exception:
        # A shell shows whatever a completion prints; silence is the only good answer to trouble.
        return []


def _matching(context: typer.Context, start: str) -> list[tuple[str, str]]:
    from xpmsync.local.ledger import Ledger
    from xpmsync.local.paths import Paths

    options = context.find_root().params
    config = options.get("config")
    profile = options.get("profile") or os.environ.get("XPMSYNC_PROFILE") or "default"
    ledger = Paths.from_environment(os.environ, config).profile(profile).ledger
    if not ledger.exists():
        return []
    with Ledger(ledger) as opened:
        links = opened.links()
    by_name = [(link.name, link.ignition_id) for link in links if link.name.casefold().startswith(start)]
    by_id = [(link.xpm_id, link.name) for link in links if start and link.xpm_id.startswith(start)]
    return by_name + by_id
