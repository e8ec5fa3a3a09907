"""The plan object, its JSON form, the guards, and how much a run reads."""
