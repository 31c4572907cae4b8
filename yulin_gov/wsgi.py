"""What gunicorn serves."""

import os
import threading

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yulin_gov.settings")
application = get_wsgi_application()

from yulin_gov.search.segmentation import warm  # noqa: E402 - needs the settings

# The dictionary of the search takes a second to load; the first visitor should not wait for it.
threading.Thread(target=warm, daemon=True).start()
