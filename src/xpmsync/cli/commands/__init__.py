"""One module a command group, loaded by name from `cli/app.py`."""
