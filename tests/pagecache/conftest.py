import pytest

from yulin_gov import pagecache


@pytest.fixture(autouse=True)
def _own_pages(settings):
    """The cache with the middleware it has to get along with, and nothing kept before or after."""
    settings.ROOT_URLCONF = "tests.pagecache.urls"
    settings.MIDDLEWARE = [
        "yulin_gov.pagecache.middleware.PageCacheMiddleware",
        "django.middleware.security.SecurityMiddleware",
        "csp.middleware.CSPMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ]
    pagecache.forget()
    yield
    pagecache.forget()
