"""What a store must do, and what waits for an upload."""
