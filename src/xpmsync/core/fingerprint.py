"""Fingerprints: what the ledger keeps instead of copies of client data.

A fingerprint is 64 bits of BLAKE2b in hex. Equal texts have equal fingerprints;
an empty text's fingerprint is empty, so that "agreed to be blank" is recognised.
"""

from collections.abc import Mapping
from hashlib import blake2b

from xpmsync.core.catalogue import Field, FieldKind
from xpmsync.core.model import Client
from xpmsync.core.text import normalise


def of_value(row: Field, target_text: str) -> str:
    """Fingerprint the normal form of the value the target holds."""
    kind = FieldKind.TEXT if row.kind is FieldKind.CHOICE else row.kind
    form = normalise(kind, target_text)
    return blake2b(form.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest() if form else ""


def of_record(client: Client) -> str:
    """Fingerprint everything the catalogue knows of a record, contacts and state included."""
    parts = [client.state.value, *_flat(client.values)]
    for contact in sorted(client.contacts, key=lambda c: c.id):
        parts += ["\x1d", contact.id, *_flat(contact.values)]
    return blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _flat(values: Mapping[str, str]) -> list[str]:
    return [f"{name}\x1e{text}" for name, text in sorted(values.items()) if text]
