"""The problems of each suite, as its file has them."""
