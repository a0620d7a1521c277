"""Notebook servers: JupyterHub, its configuration, its spawner and its REST interface."""
