"""The published table's protocol: its prompts, one retry that the hidden tests gate, its layout."""
