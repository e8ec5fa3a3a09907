"""`practice serve`: the practice's XPM server in the foreground."""

from __future__ import annotations

import signal
import sys
import threading
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

    from xpmsync.cli.session import Session
    from xpmsync.simulator.world.world import World

__all__ = ["serve_until_stopped"]


def serve_until_stopped(session: Session, *, port: int, clients: int | None, seed: int) -> None:
    """Serve made-up clients until Ctrl-C or SIGTERM; the address and how to use it go to stdout first."""
    from xpmsync.cli.terminal.output import ExitCode, print_json
    from xpmsync.simulator.builtin import DEMO_TOKEN
    from xpmsync.simulator.server.server import DEMO_TENANT, PracticeServer
    from xpmsync.simulator.world.world import World

    with ExitStack() as stack:
        world = stack.enter_context(World())
        _fill(world, clients, seed)
        server = stack.enter_context(PracticeServer(world, port=port, static_token=DEMO_TOKEN))
        settings = {"api_url": server.api_url, "identity_url": server.url, "tenant_id": DEMO_TENANT.tenant_id}
        if session.json:
            print_json(session.command, ExitCode.DONE, {"url": server.url, **settings, "clients": world.count()}, ())
        else:
            screen = session.screen
            screen.line(
                f"The built-in practice answers at {server.url} with {world.count():,} clients. Ctrl-C ends it."
            )
            screen.line()
            screen.line("[xpm]")
            for name, value in settings.items():
                screen.line(f'{name} = "{value}"')
            screen.line()
            screen.line(f"XPMSYNC_XPM_ACCESS_TOKEN={DEMO_TOKEN}")
        sys.stdout.flush()
        _wait_for_a_signal()


def _fill(world: World, clients: int | None, seed: int) -> None:
    """The sixty made-up clients, or as many generated ones as asked for."""
    if clients is None:
        from xpmsync.simulator.people.seed import seed_world

        seed_world(world)
    else:
        from xpmsync.simulator.people.generate import generate

        generate(world, clients=clients, seed=seed)


def _wait_for_a_signal() -> None:
    asked = threading.Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        asked.set()

    signal.signal(signal.SIGTERM, ask)
    # A wait without end would not let Windows deliver Ctrl-C.
    with suppress(KeyboardInterrupt):
        while not asked.wait(0.5):
            pass
