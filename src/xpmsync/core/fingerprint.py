"""Fingerprints: what the ledger keeps instead of copies of client data.

A fingerprint is 64 bits of BLAKE2b in hex. Equal texts have equal fingerprints;
an empty text's fingerprint is empty, so that "agreed to be blank" is recognised.
"""

import unicodedata
from collections.abc import Mapping
from hashlib import blake2b
from typing import Final

from xpmsync.core.catalogue import Field, FieldKind, field
from xpmsync.core.model import Client
from xpmsync.core.text import normalise, visible

_LEGAL_FORMS: Final = frozenset({"ltd", "limited", "pty", "llp", "plc", "inc", "the", "co"})


def of_value(row: Field, target_text: str) -> str:
    """Fingerprint the normal form of the value the target holds."""
    if not target_text:
        return ""
    kind = FieldKind.TEXT if row.kind is FieldKind.CHOICE else row.kind
    form = normalise(kind, target_text)
    return blake2b(form.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest() if form else ""


def of_name(text: str) -> str:
    """The fingerprint of a name without regard to capitals, blanks and invisible characters."""
    return of_value(field("name"), " ".join(visible(text).casefold().split()))


def of_loose_name(text: str) -> str:
    """The fingerprint of a name's letters and digits alone: no accents, punctuation or legal form."""
    plain = unicodedata.normalize("NFKD", visible(text).casefold())
    words = "".join(letter if letter.isalnum() else " " for letter in plain if not unicodedata.combining(letter))
    return of_value(field("name"), "".join(word for word in words.split() if word not in _LEGAL_FORMS))


def of_email(text: str) -> str:
    """The fingerprint of an e-mail address without regard to capitals and invisible characters."""
    return of_value(field("contact.email"), visible(text))


def of_record(client: Client) -> str:
    """Fingerprint everything the catalogue knows of a record, contacts and state included."""
    parts = [client.state.value, *_flat(client.values)]
    for contact in sorted(client.contacts, key=lambda c: c.id):
        parts += ["\x1d", contact.id, *_flat(contact.values)]
    return blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _flat(values: Mapping[str, str]) -> list[str]:
    return [f"{name}\x1e{text}" for name, text in sorted(values.items()) if text]
