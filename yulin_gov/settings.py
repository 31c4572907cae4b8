"""All settings, driven by the environment.

With no `DATABASE_URL` and no `REDIS_URL` the platform runs on private servers in the data
directory (see `yulin_gov.embedded`) and is a demonstration. `YULIN_ENV=production` asks for
everything a public deployment needs and refuses to start without it.
"""

import sys
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from yulin_gov import embedded

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

PRODUCTION = env("YULIN_ENV", default="development") == "production"
DEBUG = env.bool("DEBUG", default=False)
# The servers are private to this instance exactly where no address was given for them.
EMBEDDED_POSTGRES = not env("DATABASE_URL", default="")
EMBEDDED_REDIS = not env("REDIS_URL", default="")
# Demo data and demo passwords exist only on a private database, never in production.
DEMO = EMBEDDED_POSTGRES and not PRODUCTION

if PRODUCTION:
    DATA_DIR = Path(env("YULIN_DATA", default=str(BASE_DIR / ".data")))
    SECRET_KEY = env("SECRET_KEY", default="")
    ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
    # Comma-separated, newest first; older keys still decrypt.
    PRIVACY_KEYS = env.list("PRIVACY_KEYS", default=[])
    if len(SECRET_KEY) < 50 or "insecure" in SECRET_KEY:
        raise ImproperlyConfigured("SECRET_KEY must be set to a long random value in production.")
    if DEBUG:
        raise ImproperlyConfigured("DEBUG must be off in production.")
    if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
        raise ImproperlyConfigured("ALLOWED_HOSTS must name the hosts served in production.")
    if not PRIVACY_KEYS:
        raise ImproperlyConfigured("PRIVACY_KEYS must hold at least one key in production.")
    if EMBEDDED_POSTGRES or EMBEDDED_REDIS:
        raise ImproperlyConfigured("DATABASE_URL and REDIS_URL must be set in production.")
else:
    DATA_DIR = embedded.data_dir()
    SECRET_KEY = env("SECRET_KEY", default="") or embedded.secret("django")
    ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]", "testserver"])
    PRIVACY_KEYS = env.list("PRIVACY_KEYS", default=[]) or [embedded.secret("privacy")]
    # Reading the settings is enough for a build step; only real work needs running servers.
    if sys.argv[1:2] not in (["makemigrations"], ["collectstatic"], ["check"]):
        embedded.attach(postgres=EMBEDDED_POSTGRES, redis=EMBEDDED_REDIS)

# -- Stores -------------------------------------------------------------------------------

_as_owner = env("YULIN_DATABASE_ROLE", default="app") == "owner"
if EMBEDDED_POSTGRES:
    APP_ROLE = embedded.APP
    _database = env.db_url_config(embedded.postgres_url(embedded.OWNER if _as_owner else embedded.APP))
else:
    _database = env.db("DATABASE_URL")
    APP_ROLE = _database["USER"]
    if _as_owner and env("DATABASE_OWNER_URL", default=""):
        _database = env.db("DATABASE_OWNER_URL")
_database["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
# A pooler in transaction mode keeps no server-side cursor between two statements.
_database["DISABLE_SERVER_SIDE_CURSORS"] = True
_database["CONN_HEALTH_CHECKS"] = True
DATABASES = {"default": _database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

_redis = embedded.redis_socket()
REDIS_URL = f"unix://{_redis}" if EMBEDDED_REDIS else env("REDIS_URL")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}

CELERY_BROKER_URL = (
    f"redis+socket://{_redis}" if EMBEDDED_REDIS else env("CELERY_BROKER_URL", default=REDIS_URL)
)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_TASK_PUBLISH_RETRY = False  # a lost wake-up is made good by the next beat

# -- Applications -------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.admin",
    "django.forms",
    "axes",
    "csp",
    "django_htmx",
    "guardian",
    "health_check",
    "simple_history",
    "yulin_gov.workdays",
    "yulin_gov.privacy",
    "yulin_gov.messaging",
    "yulin_gov.pagecache",
    "yulin_gov.search",
    "yulin_gov.files",
    "yulin_gov.accounts",
    "yulin_gov.organization",
    "yulin_gov.notices",
    "yulin_gov.casework",
    "letters",
    "supervision",
    "portal",
]

MIDDLEWARE = [
    "yulin_gov.pagecache.middleware.PageCacheMiddleware",  # outermost: a hit touches nothing below
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "yulin_gov.accounts.middleware.SessionLimitsMiddleware",
    "yulin_gov.accounts.middleware.FirstPasswordMiddleware",
    "yulin_gov.organization.middleware.CapacityMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "yulin_gov.urls"
WSGI_APPLICATION = "yulin_gov.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "yulin_gov.city.context",
                "yulin_gov.casework.context.office",
            ],
        },
    }
]
FORM_RENDERER = "yulin_gov.city.FormRenderer"

# -- The city -----------------------------------------------------------------------------

CITY = {
    "name": env("CITY_NAME", default="玉林市"),
    "government": env("CITY_GOVERNMENT", default="玉林市人民政府"),
    "slogan": env("CITY_SLOGAN", default="中国玉林 · 二十四小时不下班的政府"),
    "mark": env("CITY_MARK", default="玉"),
    "code": env("CITY_CODE", default="450900"),
}
SITE_URL = env("SITE_URL", default="http://127.0.0.1:8000")

# -- People -------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "guardian.backends.ObjectPermissionBackend",
]
ANONYMOUS_USER_NAME = None  # guardian: no row stands for everybody
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "/accounts/sign-in/"
LOGIN_REDIRECT_URL = "/office/"
LOGOUT_REDIRECT_URL = "/"

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.5  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"], "username"]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "yulin_gov.accounts.views.locked_out"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_CLIENT_IP_CALLABLE = "yulin_gov.accounts.network.client_ip"

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "yulin_gov.accounts.views.csrf_failure"
SESSION_IDLE_MINUTES = env.int("SESSION_IDLE_MINUTES", default=60)
SESSION_HOURS = env.int("SESSION_HOURS", default=12)

# -- Transport security -------------------------------------------------------------------

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if PRODUCTION:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31536000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# How many proxies of ours stand in front; their X-Forwarded-For entries may be believed.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}

# -- Language and time --------------------------------------------------------------------

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

# -- Files --------------------------------------------------------------------------------

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static"
MEDIA_ROOT = Path(env("MEDIA_ROOT", default=str(DATA_DIR / "files")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# -- Messages to the outside --------------------------------------------------------------

EMAIL_CONFIG = env.email("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="no-reply@yulin.example")
SMS_GATEWAY = env("SMS_GATEWAY", default="yulin_gov.messaging.gateways.ConsoleGateway")
SMS_HTTP_URL = env("SMS_HTTP_URL", default="")
SMS_HTTP_TOKEN = env("SMS_HTTP_TOKEN", default="")
# No SMS or e-mail leaves between these hours; the inbox is never quiet.
QUIET_HOURS = ("22:00", "07:00")
# Working time of one day; terms in working hours run only inside it.
WORKING_HOURS = (("08:00", "12:00"), ("15:00", "18:00"))

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="INFO")},
    "loggers": {"axes": {"level": "WARNING"}},  # sign-ins are in the audit log
}
SILENCED_SYSTEM_CHECKS = ["guardian.W001"]
