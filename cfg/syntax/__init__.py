"""Text to tree: preprocessor, scanner, parser, the nodes, and the printer that goes the other way."""
