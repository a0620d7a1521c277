"""JupyterHub as this platform runs it; `hub_process` starts it.

The front door is not the hub's: it runs before and after it, so that pages and running
notebooks do not notice when the hub restarts. People sign in on our pages; the hub is
an OpenID client that never shows a form.
"""

import argparse
import os
from pathlib import Path
from typing import Any

from jupyterhub.app import JupyterHub
from traitlets.config import Config

from hexa.backends.jupyter import kernels
from hexa.backends.jupyter.people import PeopleHandler
from hexa.backends.jupyter.settings import HubSettings
from hexa.backends.jupyter.spawner import SandboxSpawner

SERVICE = "openhexa"
# Not `admin:users`, which would let web read what people signed in with.
_SCOPES = ["list:users", "read:users", "delete:users", "admin:servers", "proxy"]


def configuration(settings: HubSettings) -> Config:
    public = settings.public_url
    config = Config()
    config.JupyterHub = _hub(settings)
    config.ConfigurableHTTPProxy = Config(
        should_start=False,
        auth_token=settings.proxy_token,
        api_url=settings.proxy_api_url,
    )
    config.GenericOAuthenticator = Config(
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        authorize_url=f"{public}/o/authorize/",
        token_url=f"{settings.web_url}/o/token/",
        userdata_url=f"{settings.web_url}/o/userinfo/",
        oauth_callback_url=f"{public}/notebooks/hub/oauth_callback",
        logout_redirect_url=f"{public}/accounts/logout/?from=hub",
        scope=["openid", "profile", "email"],
        username_claim="preferred_username",
        # Whether a person may is web's to say, each time a session starts.
        allow_all=True,
        auto_login=True,
        enable_pkce=True,
        # Nothing of the sign-in is kept, so nothing of it can be read.
        enable_auth_state=False,
    )
    config.SandboxSpawner = Config(
        settings=settings,
        ip="127.0.0.1",
        notebook_dir="/home/hexa",
        default_url="/lab",
        env_keep=[],
        start_timeout=90,
        http_timeout=30,
        poll_interval=10,
    )
    return config


def _hub(settings: HubSettings) -> Config:
    return Config(
        bind_url=f"{settings.public_url}/notebooks/",
        hub_bind_url=f"http://127.0.0.1:{settings.hub_port}",
        db_url=settings.db_url,
        cookie_secret_file=str(settings.cookie_secret_file),
        log_level=settings.log_level,
        proxy_class="jupyterhub.proxy.ConfigurableHTTPProxy",
        authenticator_class="generic-oauth",
        spawner_class=SandboxSpawner,
        cleanup_servers=False,
        cleanup_proxy=False,
        allow_named_servers=True,
        last_activity_interval=60,
        # 0: answer "pending" at once, and let the caller follow the progress.
        tornado_settings={"slow_spawn_timeout": 0},
        concurrent_spawn_limit=20,
        services=[{"name": SERVICE, "api_token": settings.service_token}],
        load_roles=[{"name": SERVICE, "services": [SERVICE], "scopes": _SCOPES}],
        extra_handlers=[(r"/api/people/([^/]+)", PeopleHandler)],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    settings = HubSettings.read(parser.parse_args().config)
    kernels.write(settings.kernels_folder, default_env=settings.default_env)
    os.chdir(
        settings.hub_folder
    )  # where it would look for, and leave, files of its own
    hub: Any = JupyterHub.instance(config=configuration(settings))
    hub.launch_instance(argv=[])
