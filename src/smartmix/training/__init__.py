"""Training and judging what is learned: sessions made by code, heads, and the suites that say how good they are."""
