"""XML out: the least that says what changed (facts, 2.3).

Only catalogue fields with a spelling for writing can get in, so a masked tax
number, a group or a website cannot leave by accident.
"""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree import ElementTree as ET  # only writes; answers are read by `xpm.reader`

from xpmsync.core.catalogue import field

__all__ = ["client_update", "contact_update", "new_contact"]


def client_update(uuid: str, name: str, values: Mapping[str, str]) -> bytes:
    """The body of `PUT client.api/update`: UUID, Name (XPM insists on it) and the changed fields."""
    root = ET.Element("Client")
    _text(root, "UUID", uuid)
    _text(root, "Name", values.get("name") or name)
    _fields(root, {k: v for k, v in values.items() if k != "name"})
    return _bytes(root)


def new_contact(client_uuid: str, values: Mapping[str, str]) -> bytes:
    """The body of `POST client.api/contact`."""
    root = ET.Element("Contact")
    _text(ET.SubElement(root, "Client"), "UUID", client_uuid)
    _fields(root, values)
    return _bytes(root)


def contact_update(client_uuid: str, name: str, values: Mapping[str, str]) -> bytes:
    """The body of `PUT client.api/contact/{uuid}`: the client, Name and the changed fields.

    Position and primary flag belong to the contact's place at that client (facts, 2.3).
    """
    root = ET.Element("Contact")
    _text(ET.SubElement(root, "Client"), "UUID", client_uuid)
    _text(root, "Name", values.get("contact.name") or name)
    _fields(root, {k: v for k, v in values.items() if k != "contact.name"})
    return _bytes(root)


def _fields(root: ET.Element, values: Mapping[str, str]) -> None:
    for name, text in values.items():
        row = field(name)
        if not row.xpm_write:
            raise ValueError(f"{name} is never written to XPM")
        _text(root, row.xpm_write, text)


def _text(root: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(root, tag).text = text


def _bytes(root: ET.Element) -> bytes:
    body: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return body
