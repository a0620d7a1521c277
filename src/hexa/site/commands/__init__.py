"""The `hexa` command.

up  status  doctor  logs  user create|deactivate  keys rotate  index status|rebuild
"""

import click

from hexa.site.commands import doctor, index, keys, logs, status, up, user


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="openhexa", prog_name="hexa")
def hexa() -> None:
    """OpenHexa: a data science platform for public-health teams."""


for command in (
    up.up,
    status.status,
    doctor.doctor,
    logs.logs,
    user.user,
    keys.keys,
    index.index,
):
    hexa.add_command(command)
