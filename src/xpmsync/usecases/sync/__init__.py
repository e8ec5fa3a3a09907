"""Preview, guard, apply, recover and undo."""
