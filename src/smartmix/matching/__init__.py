"""The tone of one recording, brought to that of another."""
