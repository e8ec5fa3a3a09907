"""simulator serve, edit, reset, and the export and import screens of a made-up XPM and Ignition."""

import signal
import sys
import threading
from contextlib import ExitStack, suppress
from enum import StrEnum
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from xpmsync.cli.session import Session, session_of
from xpmsync.cli.terminal.output import ExitCode, Report, print_json
from xpmsync.cli.terminal.sanitize import count
from xpmsync.cli.terminal.screen import Screen
from xpmsync.core.enums import Json
from xpmsync.errors import FileRefused, UsageError, reason_of
from xpmsync.local.settings.settings import DEMO_PROFILE, XPM_FOLDER, Route
from xpmsync.local.system.files import FileKind, check_out, make_private
from xpmsync.simulator.builtin import DEMO_TOKEN, open_world
from xpmsync.simulator.edit import Edited, edit_ignition, edit_xpm
from xpmsync.simulator.ignition.files import save_export, upload
from xpmsync.simulator.ignition.register import Register
from xpmsync.simulator.people.generate import generate
from xpmsync.simulator.people.seed import seed_world
from xpmsync.simulator.server.server import DEMO_TENANT, SimulatorServer
from xpmsync.simulator.world.world import World
from xpmsync.simulator.xpm_files.export import ExportVariant, Region, export_xpm
from xpmsync.simulator.xpm_files.importing import import_file
from xpmsync.simulator.xpm_files.rules import ContactNameRule, ImportRules, KeyRule
from xpmsync.usecases.context.open import reset_simulator

simulator = typer.Typer(
    help="Rehearse on the simulator: made-up clients in a made-up XPM and Ignition.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


class Side(StrEnum):
    """Whose user to play."""

    XPM = "xpm"
    IGNITION = "ignition"


@simulator.command("serve")
def serve(
    ctx: typer.Context,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0 takes a free one.")] = 0,
    clients: Annotated[int | None, typer.Option("--clients", min=1, help="That many generated clients.")] = None,
    seed: Annotated[int, typer.Option("--seed", help="Another seed makes other people.")] = 1,
) -> None:
    """Run the simulator's XPM server on this machine until Ctrl-C."""
    session = session_of(ctx, "simulator serve")
    serve_until_stopped(session, port=port, clients=clients, seed=seed)


@simulator.command("edit")
def edit(
    ctx: typer.Context,
    side: Annotated[Side, typer.Argument(help="Where the edit is made.")],
    client: Annotated[str, typer.Argument(help="An id or exact name.")],
    field: Annotated[str, typer.Argument(help="A field, such as phone or contact.email.")],
    value: Annotated[str, typer.Argument(help="The new value; an empty text clears.")],
) -> None:
    """Edit a client as a user of that system would."""
    session = session_of(ctx, "simulator edit")
    if side is Side.IGNITION:
        done = _edit_ignition(session, client, field, value)
    else:
        _only_the_demo(session)
        with open_world(session.state.ready().folder) as world:
            done = edit_xpm(world, client, field, value)

    def show(screen: Screen) -> None:
        screen.line(f"{done.name} ({done.system.label} {done.client_id}), {done.field}:")
        screen.line(f"  {done.old or '(blank)'} -> {done.new or '(blank)'}")

    session.report(
        Report(
            {
                "system": done.system.value,
                "id": done.client_id,
                "name": done.name,
                "field": done.field,
                "old": done.old,
                "new": done.new,
            },
            show,
        )
    )


@simulator.command("export")
def export(
    ctx: typer.Context,
    file: Annotated[Path | None, typer.Argument(help="Where; by default the profile's export folder.")] = None,
) -> None:
    """Play Ignition's export: save the register's clients as the file that would arrive by e-mail."""
    session = session_of(ctx, "simulator export")
    path = (file or _exports(session) / "ignition-clients.csv").absolute()
    if path.parent.is_dir():
        check_out(path, FileKind.EXPORT, force=session.force, option="FILE")
    with _register(session) as register:
        clients = save_export(register, path)

    def show(screen: Screen) -> None:
        screen.line(f"Ignition exported {clients} clients: {path}")

    session.report(Report({"path": str(path), "clients": clients}, show))


@simulator.command("export-xpm")
def export_files(
    ctx: typer.Context,
    folder: Annotated[Path | None, typer.Argument(help="Where; by default xpm.files.folder.")] = None,
    region: Annotated[Region, typer.Option("--region", help="Whose spelling of headers.")] = Region.NZ,
    one_address_cell: Annotated[bool, typer.Option("--one-address-cell", help="No numbered address columns.")] = False,
    contacts_in_clients: Annotated[
        bool, typer.Option("--contacts-in-clients", help="Contact names in the clients file, a row for each.")
    ] = False,
) -> None:
    """Play XPM's export screen: clients, contacts, and a Client & Contact report."""
    session = session_of(ctx, "simulator export-xpm")
    _only_the_demo(session)
    target = folder or session.settings.folder(XPM_FOLDER)
    if target is None:
        command_line = session.command_line("config", "set", XPM_FOLDER)
        raise UsageError("Where shall the exports go?", f"Name a folder, or set it: {command_line} FOLDER")
    variant = ExportVariant(region, not one_address_cell, contacts_in_clients)
    with open_world(session.state.ready().folder) as world:
        done = export_xpm(world, target.absolute(), session.clock.now(), variant)

    def show(screen: Screen) -> None:
        screen.line(f"XPM exported {done.clients} clients and {done.contacts} contacts:")
        for path in done.paths:
            screen.line(f"  {path}")

    data: dict[str, Json] = {
        "paths": [str(path) for path in done.paths],
        "clients": done.clients,
        "contacts": done.contacts,
    }
    session.report(Report(data, show))


@simulator.command("import-xpm")
def import_files(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="A clients or contacts file; its header says which.")],
    update_existing: Annotated[
        bool, typer.Option("--update-existing", help="Tick XPM's box: overwrite clients and contacts that exist.")
    ] = False,
    key: Annotated[
        KeyRule, typer.Option("--key", help="Match a client by its UUID, its name, or both, which must agree.")
    ] = KeyRule.UUID,
    blank_clears: Annotated[
        bool, typer.Option("--blank-clears/--blank-ignored", help="Whether a blank cell deletes the value.")
    ] = True,
    contact_name: Annotated[
        ContactNameRule,
        typer.Option("--contact-name", help="Whether ContactName in a clients file adds a contact each time."),
    ] = ContactNameRule.DOUBLES,
    archived_blocks: Annotated[
        bool,
        typer.Option("--archived-blocks/--archived-ignored", help="Whether an archived client of that name counts."),
    ] = True,
    extra_fails: Annotated[
        bool, typer.Option("--extra-fails/--extra-ignored", help="Whether an unknown column fails the whole file.")
    ] = False,
) -> None:
    """Play XPM's import screen. Xero's help pages leave open how it decides, so the options choose."""
    session = session_of(ctx, "simulator import-xpm")
    _only_the_demo(session)
    rules = ImportRules(key, blank_clears, contact_name, archived_blocks, extra_fails)
    with open_world(session.state.ready().folder, clock=session.clock.now) as world:
        done = import_file(world, file.absolute(), rules=rules, update_existing=update_existing)

    def show(screen: Screen) -> None:
        screen.line(
            f"XPM imported {file.name}: {count(done.rows, 'row')}, {done.created} created, {done.updated} updated,"
            f" {done.skipped} left alone, {count(len(done.errors), 'error')}."
        )
        if done.doubled:
            screen.line(f"ContactName added {count(done.doubled, 'contact')}.")
        for problem in done.errors:
            screen.line(f"  Line {problem.line}: {problem.reason}")

    counts = {"rows": done.rows, "created": done.created, "updated": done.updated, "skipped": done.skipped}
    data: dict[str, Json] = {
        "path": str(file.absolute()),
        "kind": done.kind,
        **counts,
        "contacts_added": done.doubled,
        "errors": [{"line": problem.line, "reason": problem.reason} for problem in done.errors],
    }
    exit_code = ExitCode.PARTLY_DONE if done.errors else ExitCode.DONE
    session.report(Report(data, show, exit_code))


@simulator.command("upload")
def upload_file(ctx: typer.Context, file: Annotated[Path, typer.Argument(help="The file to upload.")]) -> None:
    """Play Clients -> Import: upload a file to the register, by Ignition's rules."""
    session = session_of(ctx, "simulator upload")
    try:
        content = file.read_bytes()
    except OSError as problem:
        raise FileRefused(file, reason_of(problem)) from problem
    with _register(session) as register:
        done = upload(register, content)
    summary = (
        f"{count(done.updated, 'row')} of existing clients, {count(done.new_clients, 'new client')},"
        f" {count(done.new_contacts, 'new contact')}"
    )
    session.report(
        Report(
            {"path": str(file), "rows": done.updated, "clients": done.new_clients, "contacts": done.new_contacts},
            lambda screen: screen.line(f"Ignition imported {file.name}: {summary}."),
        )
    )


@simulator.command("reset")
def reset(ctx: typer.Context) -> None:
    """Start the simulator over: its clients, links and history."""
    session = session_of(ctx, "simulator reset")
    _only_the_demo(session)
    state = session.state
    reset_simulator(state)
    session.report(Report({"state": str(state.folder)}, lambda screen: screen.line("The simulator starts over.")))


def _edit_ignition(session: Session, client: str, field: str, value: str) -> Edited:
    settings = session.settings
    if settings.ignition.route is not Route.BUILTIN and settings.profile != DEMO_PROFILE:
        raise UsageError(
            f"Only the built-in register can be edited here; this profile's route is {settings.ignition.route.value}.",
            f"Edit the client in Ignition, or: {session.command_line('config', 'set', 'ignition.route', 'builtin')}",
        )
    with _register(session) as register:
        return edit_ignition(register, client, field, value)


def _register(session: Session) -> Register:
    """The built-in register of this profile, filled where it is the demo's.

    Raises `UsageError` on a real practice, whose folder of exports is no place for made-up clients.
    """
    settings = session.settings
    if not settings.is_rehearsal and not settings.foreign_hosts():
        raise UsageError(
            f"The simulator is no part of this practice, profile {settings.profile}.", "Add --profile demo."
        )
    state = session.state.ready()
    if settings.is_demo:
        open_world(state.folder).close()
    return Register(make_private(state.register))


def _exports(session: Session) -> Path:
    folder = session.settings.folder("ignition.export_folder")
    if folder is None:
        command_line = session.command_line("config", "set", "ignition.export_folder")
        raise UsageError("Where shall the export go?", f"Name a file, or set the folder: {command_line} FOLDER")
    return folder if not folder.is_file() else folder.parent


def _only_the_demo(session: Session) -> None:
    if session.settings.profile != DEMO_PROFILE:
        raise UsageError("Only the simulator can be changed this way.", "Add --profile demo.")


def serve_until_stopped(session: Session, *, port: int, clients: int | None, seed: int) -> None:
    """Serve made-up clients until Ctrl-C or SIGTERM; the address and how to use it go to stdout first."""
    with ExitStack() as stack:
        world = stack.enter_context(World())
        _fill(world, clients, seed)
        server = stack.enter_context(SimulatorServer(world, port=port, static_token=DEMO_TOKEN))
        settings = {"api_url": server.api_url, "identity_url": server.url, "tenant_id": DEMO_TENANT.tenant_id}
        if session.json:
            print_json(session.command, ExitCode.DONE, {"url": server.url, **settings, "clients": world.count()}, ())
        else:
            screen = session.screen
            screen.line(f"The simulator answers at {server.url} with {world.count():,} clients. Ctrl-C ends it.")
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
        seed_world(world)
    else:
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
