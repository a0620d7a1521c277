"""Every setting of the platform; the only place that reads the environment.

Environments differ by values, not by modules. With nothing set, `hexa up` works.
The reference in the docs is generated from `env.declared`. Importing this module
raises BadSetting for a wrong value; nothing on disk is touched.
"""

from typing import Any
from urllib.parse import urlsplit

import psycopg.conninfo
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from hexa.foundation.env import BadSetting, Environment
from hexa.site.installation import Installation

env = Environment()

# --- Where and how the platform runs ------------------------------------------------

DATA = env.folder(
    "HEXA_DATA",
    "~/.local/share/openhexa",
    help="Folder that holds everything the platform keeps.",
)
ADDRESS = env.text(
    "HEXA_ADDRESS",
    "127.0.0.1",
    help="Network address the front door listens on; 0.0.0.0 for every one.",
)
PORT = env.count("HEXA_PORT", 8888, help="Port of the front door.", least=1, most=65535)
PUBLIC_URL = env.text(
    "HEXA_PUBLIC_URL",
    "",
    help="Address people type, when it differs: https://hexa.example.org.",
).rstrip("/") or (
    f"http://{'127.0.0.1' if ADDRESS in ('0.0.0.0', '::') else ADDRESS}:{PORT}"  # noqa: S104 - compared, not bound
)
TRUSTED_PROXY = env.flag(
    "HEXA_TRUSTED_PROXY",
    False,  # noqa: FBT003 - the default of the setting
    help="A proxy of yours stands in front and sets X-Forwarded-* itself.",
)
ADMIN_EMAIL = env.text(
    "HEXA_ADMIN_EMAIL", "", help="E-mail of the administrator made at first start."
)
ADMIN_PASSWORD = env.secret(
    "HEXA_ADMIN_PASSWORD", help="Password of the administrator made at first start."
)
DATABASE_URL = env.secret(
    "HEXA_DATABASE_URL",
    help="A PostgreSQL server of yours, with a superuser; else one is run here.",
)
WEB_WORKERS = env.count(
    "HEXA_WEB_WORKERS", 1, help="Processes that serve pages.", least=1, most=64
)
LOG_LEVEL = env.choice(
    "HEXA_LOG_LEVEL",
    "info",
    ("debug", "info", "warning", "error"),
    help="What is written to the logs.",
)
STORE_NETWORKS = env.networks(
    "HEXA_STORE_NETWORKS",
    help="Networks that are not public where connected buckets may be: 10.20.0.0/16.",
)
GOOGLE_STORAGE_URL = env.text(
    "HEXA_GOOGLE_STORAGE_URL",
    "https://storage.googleapis.com",
    help="Where Google Cloud Storage answers: another only for a private or regional endpoint of Google's.",
)
GOOGLE_TOKEN_URL = env.text(
    "HEXA_GOOGLE_TOKEN_URL",
    "https://oauth2.googleapis.com/token",
    help="Where Google gives access tokens for the keys of service accounts.",
)
GOOGLE_EXCHANGE_URL = env.text(
    "HEXA_GOOGLE_EXCHANGE_URL",
    "https://sts.googleapis.com/v1/token",
    help="Where Google exchanges an access token for a narrower one.",
)
DEBUG = env.flag(
    "HEXA_DEBUG",
    False,  # noqa: FBT003 - the default of the setting
    help="Development only: shows internals in error pages.",
)
DEMO = env.flag(
    "HEXA_DEMO",
    True,  # noqa: FBT003 - the default of the setting
    help="Create the Demo workspace at first start.",
)

# --- Notebook sessions --------------------------------------------------------------

SESSION_MEMORY = env.size(
    "HEXA_SESSION_MEMORY", "2G", help="Memory a notebook server may use."
)
SESSION_CPUS = env.count(
    "HEXA_SESSION_CPUS", 2, help="Processors a notebook server may use.", least=1
)
SESSION_IDLE = env.duration(
    "HEXA_SESSION_IDLE",
    "2h",
    help="A server whose kernels are idle this long is stopped, after a warning.",
)
SESSION_CREDENTIALS = env.duration(
    "HEXA_SESSION_CREDENTIALS",
    "1h",
    help="Life of the storage credentials of a session; they renew by themselves.",
)
WARM_SESSIONS = env.count(
    "HEXA_WARM_SESSIONS",
    1,
    help="Notebook servers kept ready to be taken; only where the platform runs as root.",
)

# Set by the supervisor for its own children, not by people.
INSTANCE = env.text("HEXA_INSTANCE", "", help="Marks processes as belonging together.")

if urlsplit(PUBLIC_URL).scheme not in {"http", "https"}:
    raise BadSetting(
        f"HEXA_PUBLIC_URL: {PUBLIC_URL!r} must start with http:// or https://."
    )
env.check()

INSTALLATION = installation = Installation(DATA)
ports = installation.ports
IS_HTTPS = PUBLIC_URL.startswith("https://")

# --- Django -------------------------------------------------------------------------

SECRET_KEY = installation.secret("django")
ALLOWED_HOSTS = [urlsplit(PUBLIC_URL).hostname or "", "127.0.0.1", "localhost"]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
ROOT_URLCONF = "hexa.site.urls"
ASGI_APPLICATION = "hexa.site.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
APPEND_SLASH = True

INSTALLED_APPS = [
    # First, so that our templates stand before those of the libraries.
    "hexa.foundation",
    "hexa.ui",
    "hexa.accounts",
    "hexa.workspaces",
    "hexa.databases",
    "hexa.files",
    "hexa.notebooks",
    "hexa.site",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "template_partials",
    "django_htmx",
    "csp",
    "allauth",
    "allauth.account",
    "oauth2_provider",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "hexa.site.address.OneAddressMiddleware",
    "hexa.foundation.serving.StaticFilesMiddleware",
    "hexa.foundation.serving.SqueezeMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "hexa.accounts.middleware.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "hexa.foundation.answers.AnswersMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "hexa.ui.context.frame",
            ],
        },
    }
]

# --- Data ---------------------------------------------------------------------------

if DATABASE_URL:
    DATABASE_DSN = DATABASE_URL
else:
    DATABASE_DSN = psycopg.conninfo.make_conninfo(
        host="127.0.0.1",
        port=ports.postgres,
        user="hexa",
        password=installation.secret("postgres"),
        dbname="hexa",
    )
_dsn = psycopg.conninfo.conninfo_to_dict(DATABASE_DSN)
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": _dsn.get("host", ""),
        "PORT": _dsn.get("port", ""),
        "USER": _dsn.get("user", ""),
        "PASSWORD": _dsn.get("password", ""),
        "NAME": _dsn.get("dbname", ""),
        "OPTIONS": {"pool": {"min_size": 1, "max_size": 12, "timeout": 10}},
    }
}
CACHES = {
    # Shared by every process, so that throttling counts once.
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
    }
}

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
# Chunks of our own build carry the hash of their content already.
WHITENOISE_IMMUTABLE_FILE_TEST = r"^.+[.-][0-9a-zA-Z]{8,12}\..+$"
STORAGES = {
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# --- People -------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "allauth.account.auth_backends.AuthenticationBackend",
    # Without it the hub's calls to /o/userinfo/ with its access token are refused.
    "oauth2_provider.backends.OAuth2Backend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "hexa.accounts.hashers.RandomSecretHasher",  # of CLIENT_SECRET_HASHER alone
]
PASSWORD_LEAST = 10
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email", "name"]},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": PASSWORD_LEAST},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "hexa.accounts.adapters.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "hexa.accounts.forms.SignInForm",
    "change_password": "hexa.accounts.forms.PasswordForm",
}
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "20/m/ip,5/5m/key"}
ALLAUTH_TRUSTED_PROXY_COUNT = 1  # the front door; it discards what clients claim

SESSION_COOKIE_NAME = "hexa_session"
CSRF_COOKIE_NAME = "hexa_csrf"
LANGUAGE_COOKIE_NAME = "hexa_language"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 14 * 24 * 3600

# --- Sign-on to the hub -------------------------------------------------------------

OAUTH2_PROVIDER_APPLICATION_MODEL = "oauth2_provider.Application"
OAUTH2_PROVIDER = {
    "OIDC_ENABLED": True,
    "OIDC_RSA_PRIVATE_KEY": installation.secret("oidc-key"),
    "OIDC_ISS_ENDPOINT": f"{PUBLIC_URL}/o",
    "PKCE_REQUIRED": True,
    "CLIENT_SECRET_HASHER": "random_secret",
    "SCOPES": {"openid": "OpenID", "profile": "Name and language", "email": "E-mail"},
    "OAUTH2_VALIDATOR_CLASS": "hexa.accounts.claims.Claims",
    "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["http", "https"],
}
HUB_OIDC_SECRET = installation.secret("hub-oidc")
HUB_SERVICE_TOKEN = installation.secret("hub-service")
HUB_API_URL = f"http://127.0.0.1:{ports.hub}/notebooks/hub/api"
HUB_SIGN_OUT_URL = "/notebooks/hub/logout"
SERVER_URL = f"http://127.0.0.1:{PORT}"
KEEPER_SOCKET = installation.keeper_socket

# --- Object store -------------------------------------------------------------------

STORE_ENDPOINT = f"http://127.0.0.1:{ports.store_s3}"
STORE_REGION = "us-east-1"
STORE_PUBLIC_URL = f"{PUBLIC_URL}/store"
# Where programs on this side of the front door find the web.
WEB_URL = f"http://127.0.0.1:{ports.web}"
# The one endpoint of sessions: our own store, and connected buckets behind it.
GATEWAY_ENDPOINT = f"http://127.0.0.1:{ports.gateway}"
GATEWAY_PUBLIC_URL = f"{PUBLIC_URL}/connected"
GATEWAY_TOKEN = installation.secret("gateway")
# No connected bucket may be behind one of these.
OWN_PORTS = frozenset({PORT, *installation.all_ports})
FOLDERS_SOCKET = installation.folders_socket
CHANGES_SOCKET = installation.changes_socket
STORE_ADMIN_ID = installation.secret("store-admin-id")
STORE_ADMIN_SECRET = installation.secret("store-admin-secret")

# --- Secrets at rest ----------------------------------------------------------------

KEY_RING = installation.key_ring

# --- Security headers ---------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "media-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-src": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20

# --- Language and time --------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("fr", _("French"))]
USE_I18N = USE_TZ = True
TIME_ZONE = "UTC"
USE_THOUSAND_SEPARATOR = True

# --- Logs ---------------------------------------------------------------------------

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "hexa.foundation.logging.LineFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL.upper()},
    "loggers": {
        "httpx": {"level": "WARNING"},
        "botocore": {"level": "WARNING"},
        "urllib3": {"level": "WARNING"},
    },
}
