"""What is being mixed: sessions, tracks, roles, and the session.toml a person edits."""
