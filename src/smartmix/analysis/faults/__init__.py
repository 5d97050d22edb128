"""What can be wrong with a source, one kind of fault a file. Facts and where they lie; nothing is repaired here."""
