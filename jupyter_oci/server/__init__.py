"""The door of the sidebar: runs in the Jupyter server, followed over a WebSocket."""
