"""What a person asks for; each use case returns a result and prints nothing."""
