"""The closed vocabularies of accounts."""

from django.db import models


class UserKind(models.TextChoices):
    CITIZEN = "citizen", "群众"
    STAFF = "staff", "工作人员"
