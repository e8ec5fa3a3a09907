"""What commands say of writes that did not take, of answers that broke off, and of contacts that were left out."""

from __future__ import annotations

import json

from support.cli_runner import Live
from xpmsync.local.ledger.ledger import Ledger
from xpmsync.local.system.files import make_private
from xpmsync.simulator.ignition.register import Register
from xpmsync.simulator.world.quirks import Quirks

_NAME = "Harbour Dental Ltd"


def with_quirks(live: Live, quirks: Quirks) -> None:
    """Let Ignition have these habits."""
    with Register(make_private(live.paths.ready().register)) as register:
        register.quirks = quirks


def test_what_did_not_take_is_reported_with_field_and_client(live: Live) -> None:
    """Exit code 5, no value in the message, the same in JSON; the third run holds it."""
    live.linked(_NAME)
    with_quirks(live, Quirks(ignores=("phone",)))
    told = live.shell("sync", "--yes")
    assert told.exit_code == 5
    assert f"{_NAME} (XPM" in told.err
    assert "did not take what was sent: Phone." in told.err
    assert "5550" not in told.err
    assert "not written" in live.shell("explain", _NAME).out
    answer = live.shell.json("sync", "--yes")
    assert answer.exit_code == 5
    assert '"code": "not-taken", "fields": ["phone"]' in json.dumps(answer.data)
    answer = live.shell.json("sync", "--yes")
    assert answer.exit_code == 0
    assert '"code": "target-keeps"' in json.dumps(answer.data)


def test_explain_names_the_client_that_was_linked_before(live: Live) -> None:
    """A run wrote to the wrong client; with another one linked by now, nothing looks as if it was written there."""
    client = live.linked(_NAME)
    assert live.shell("sync", "--yes").exit_code == 0
    with Ledger(live.paths.ledger) as ledger:
        (former,) = (link.ignition_id for link in ledger.links())
    assert "linked before" not in live.shell("explain", _NAME).out
    with Register(make_private(live.paths.ready().register)) as register:
        right = register.create({"name": "Harbour Dental"}, [{"contact.name": "Bo", "contact.email": "bo@example.com"}])
    assert live.shell("unlink", client).exit_code == 0
    assert live.shell("link", client, right.id).exit_code == 0
    assert f"to Ignition {former}, linked before" in " ".join(live.shell("explain", _NAME).out.split())


def test_an_own_spelling_is_counted_once(live: Live) -> None:
    """In the totals of the run that wrote it."""
    live.linked(_NAME, City="Colac")
    with_quirks(live, Quirks(respells=("city",)))
    assert "Ignition keeps 1 value in its own spelling; that counts as equal." in live.shell("sync", "--yes").out
    assert "own spelling" not in live.shell("sync", "--yes").out
    assert "City: the same in two spellings" in live.shell("explain", _NAME).out


def test_an_answer_that_breaks_off_names_the_last_whole_client(live: Live) -> None:
    """Nothing was written, and the hint fits."""
    for number in range(30):
        live.linked(f"Client {number:02}")
    live.world.add_contact(live.client("Odd Ltd"), {"Name": "Nameless"}, uuid=" ")
    told = live.shell("sync", "--yes")
    assert told.exit_code == 9
    assert "The last whole client in it is Client 29 (XPM" in told.err
    assert "nothing was written" in told.err
    assert set(live.phones().values()) == {"02 5550 0999"}


def test_import_says_which_contacts_it_left_out(live: Live) -> None:
    """Also where nobody was asked."""
    client = live.client(_NAME)
    live.world.add_contact(client, {"Name": "Bob Ray"})
    live.world.add_contact(client, {"Name": "Ann Lee", "Email": "ann@example.com"})
    told = live.shell("import", client, "--yes")
    assert told.exit_code == 0
    assert "Not created: contact Bob Ray. Ignition needs one single e-mail address" in told.out
    assert "Not created: contact Ann Lee. The same contact is in XPM twice" in told.out


def test_import_with_the_clients_own_email(live: Live) -> None:
    """Refused with the option that helps; with it, the preview shows the address."""
    client = live.world.add_client({"Name": _NAME, "Email": "office@example.com"})
    told = live.shell("import", client, "--yes")
    assert told.exit_code == 2
    assert "--use-client-email" in told.err
    told = live.shell("import", client, "--dry-run", "--use-client-email")
    assert "office@example.com is the client's own" in told.out
    assert live.shell("import", client, "--yes", "--use-client-email").exit_code == 0


def test_import_promises_what_the_level_lets_flow(live: Live) -> None:
    """At level names only the names stay in step; at level nothing, nothing does."""
    for level, promise in (("everything", "keeps the two in step"), ("names", "their names"), ("nothing", "nothing")):
        assert live.shell("config", "set", "sync.level", level).exit_code == 0
        told = live.shell("import", live.client(f"Quay {level.title()} Ltd"), "--yes", "--new")
        (line,) = [line for line in told.out.splitlines() if line.startswith("Linked to XPM")]
        assert promise in line
