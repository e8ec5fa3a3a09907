"""What CSV exports and upload files of both systems share."""
