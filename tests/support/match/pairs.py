"""Made-up pairs of clients, and what the matcher says of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xpmsync.core.enums import ClientState, System
from xpmsync.core.match import Context, Verdict, evidence
from xpmsync.core.model import Client, Contact

Values = Mapping[str, object]


def client(
    system: System,
    name: str,
    *,
    email: str = "",
    mobile: str = "",
    contact: str = "",
    contacts: Sequence[str] = (),
    identifiers: Mapping[str, str] | None = None,
    state: ClientState = ClientState.ACTIVE,
    xpm_id: str = "",
    client_id: str = "1",
    emails: Sequence[str] = (),
    **values: str,
) -> Client:
    """Make a client: one contact for an e-mail, a mobile or a contact's name, and one for each of `contacts`."""
    first = {"contact.name": contact, "contact.email": email, "contact.mobile": mobile}
    people = [Contact("c", {k: v for k, v in first.items() if v})] if any(first.values()) else []
    people += [Contact(f"n{n}", {"contact.name": text}) for n, text in enumerate(contacts)]
    people += [Contact(f"e{n}", {"contact.email": text}) for n, text in enumerate(emails)]
    return Client(
        system,
        f"{system.value[0]}{client_id}",
        {"name": name, **values},
        tuple(people),
        state=state,
        number=xpm_id if system is System.XPM else "",
        xpm_number=xpm_id if system is System.IGNITION else "",
        identifiers=identifiers or {},
    )


def pair(a: Values, b: Values, *others: Client) -> Verdict:
    """Weigh an XPM client made of `a` against an Ignition client made of `b`, among others."""
    xpm, ignition = client(System.XPM, **a), client(System.IGNITION, **b)  # type: ignore[arg-type]  # test shorthand
    return evidence(xpm, ignition, Context.of([xpm, ignition, *others]))


def names(verdict: Verdict) -> set[str]:
    """The names of the evidence."""
    return {e.name for e in verdict.evidence}


def crowd(size: int, **values: object) -> list[Client]:
    """Other XPM clients, each with a name of its own and these values in common."""
    return [
        client(System.XPM, f"Quillfeather{'abcdefghijklmnop'[n]}", client_id=f"crowd{n}", **values)  # type: ignore[arg-type]  # test shorthand
        for n in range(size)
    ]
