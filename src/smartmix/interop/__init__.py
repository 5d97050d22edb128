"""Hand-off to and from DAWs: a shared model of a DAW session, what a plan becomes in it, and the file formats."""
