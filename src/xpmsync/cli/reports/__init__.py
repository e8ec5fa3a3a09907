"""Reports to sign off on: a plan, a run, a match or a history as one HTML page or one workbook."""
