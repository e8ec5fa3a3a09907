"""The simulator's XPM: HTTP, the API, identity, rate limits and faults."""
