"""Health checks and the problem report."""
