"""Sound made by code alone: test signals, and the demo song with its planted faults."""
