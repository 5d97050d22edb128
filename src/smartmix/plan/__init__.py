"""Moves a person reviews: plans, decisions, conflicts, the sentence that explains a move, and plan.toml."""
