"""The commands. No logic lives here: each reads its arguments, calls the house, shows what came back."""
