"""Mailboxes: which belong to a desk and which domains to everybody, so that neither identifies a client."""

from __future__ import annotations

from typing import Final

from xpmsync.core.match.text import word_set

__all__ = ["FREE_MAIL", "ROLE_MAILBOXES", "is_role"]

ROLE_MAILBOXES: Final = word_set(
    """
    accounts accountspayable accountsreceivable admin administration ap ar billing bookings bookkeeper bookkeeping
    contact contactus customerservice director directors enquiries enquiry everyone finance hello help helpdesk hi
    hr info information invoices invoicing jobs mail manager marketing me no-reply noreply none office operations
    orders owner payables payroll post reception sales secretary service services staff studio support team treasurer
    trustee trustees webmaster workshop
    """
)
"""Mailboxes of a desk rather than a person (RFC 2142 and what practices see)."""

FREE_MAIL: Final = word_set(
    """
    gmail.com googlemail.com hotmail.com hotmail.com.au hotmail.co.nz hotmail.co.uk outlook.com outlook.com.au
    outlook.co.nz live.com live.com.au live.co.uk msn.com yahoo.com yahoo.com.au yahoo.co.nz yahoo.co.uk ymail.com
    icloud.com me.com mac.com aol.com bigpond.com bigpond.net.au optusnet.com.au iinet.net.au westnet.com.au
    tpg.com.au dodo.com.au internode.on.net ozemail.com.au xtra.co.nz slingshot.co.nz orcon.net.nz vodafone.co.nz
    btinternet.com sky.com talktalk.net virginmedia.com ntlworld.com tiscali.co.uk proton.me protonmail.com gmx.com
    mail.com
    """
)
"""Providers whose domain says nothing about a firm."""


def is_role(email: str) -> bool:
    """Say whether a mailbox is a desk's."""
    return email.partition("@")[0].partition("+")[0] in ROLE_MAILBOXES
