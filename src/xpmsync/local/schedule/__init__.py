"""cron, systemd, launchd and Task Scheduler."""
