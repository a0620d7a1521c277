from hexa.workspaces.permissions import ADMIN, EDITOR, allow

OPEN_NOTEBOOKS = allow(EDITOR, ADMIN)
