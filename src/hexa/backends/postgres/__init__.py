"""PostgreSQL: the server we embed, what it starts with, and workspaces' databases."""
