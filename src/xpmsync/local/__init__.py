"""This machine: settings, secrets, ledger, HTTP, locks."""
