"""Who may do what with files: the whole policy of this context."""

from hexa.workspaces.permissions import ADMIN, EDITOR, VIEWER, allow

VIEW_FILES = allow(VIEWER, EDITOR, ADMIN)
WRITE_FILES = allow(EDITOR, ADMIN)
MANAGE_DRIVES = allow(ADMIN)
