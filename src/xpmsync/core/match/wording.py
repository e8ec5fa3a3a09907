"""Evidence in words: the sentence of each piece, with the value as people know it.

Values are compared in their normal form; a person looks for what stands in a
record, so phone numbers, groups and contact persons are told as written there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from xpmsync.core.match.record import contact_as_written, group_as_written, phone_as_written
from xpmsync.core.match.weights import WEIGHTS, Rule

if TYPE_CHECKING:
    from xpmsync.core.match.record import Record
    from xpmsync.core.match.score import Piece

__all__ = ["sentence"]


def sentence(piece: Piece, xpm: Record, ignition: Record) -> str:
    """Say one piece of evidence about these two records; a contact whom they name differently is told by both names."""
    weight = WEIGHTS[piece.rule]
    says = weight.says.format(_told(piece, xpm, ignition))
    if piece.sharers > 1 and weight.fades:
        says = f"{says} {piece.sharers} clients share it."
    return says


def _told(piece: Piece, xpm: Record, ignition: Record) -> str:
    match piece.rule:
        case Rule.PHONE_SAME:
            return phone_as_written(xpm.client, piece.detail)
        case Rule.GROUP_SAME:
            return group_as_written(xpm.client, piece.detail)
        case Rule.CONTACT_SAME:
            names = (contact_as_written(record.client, piece.detail) for record in (xpm, ignition))
            return " and ".join({name.casefold(): name for name in names}.values())
        case _:
            return piece.detail
