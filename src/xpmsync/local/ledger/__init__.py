"""The ledger: links, agreed fingerprints, runs and the journal of every write."""
