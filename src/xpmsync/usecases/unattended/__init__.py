"""The schedule, its probe, and the notifications of how a run went."""
