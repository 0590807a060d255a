"""What a user really gets: the agent sees what the user sees, in a live kernel, and revises on that; hidden tests only score."""
