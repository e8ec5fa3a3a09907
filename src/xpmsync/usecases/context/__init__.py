"""The open profile that every use case works on: settings, ledger and both systems."""
