"""The simulator's XPM: records and tables."""
