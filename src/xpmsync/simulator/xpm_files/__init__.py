"""The simulator's XPM by its screens: exports and reports."""
