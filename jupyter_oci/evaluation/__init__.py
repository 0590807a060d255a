"""Problems through the same agent that the sidebar uses, judged by tests that it never sees."""
