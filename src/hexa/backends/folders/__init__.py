"""Buckets as folders: one rclone for all workspaces."""
