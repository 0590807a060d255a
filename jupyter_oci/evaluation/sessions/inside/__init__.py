"""What runs inside the session's kernel: it keeps the user's state, compares what was made of it, and knows nothing of agents.

It needs pandas and NumPy there, and nothing of this package but these files, so that the kernel may be one of another Python.
"""
