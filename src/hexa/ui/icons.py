"""Names of Lucide icons.

The build collects the icons a template or module names and puts only those into the
sprite: `{% icon "folder" %}` and `icon="folder"` in templates, `Icon("folder")` here.
"""

from typing import NewType

Icon = NewType("Icon", str)
