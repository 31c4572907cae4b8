"""The closed vocabularies of the organisation. Roles, which apps extend, are in `roles`."""

from django.db import models


class UnitKind(models.TextChoices):
    GOVERNMENT = "government", "人民政府"
    DEPARTMENT = "department", "政府部门"
    TOWNSHIP = "township", "乡镇（街道）"
    INSTITUTION = "institution", "事业单位"
    DISPATCHED = "dispatched", "派出机构"
    VERTICAL = "vertical", "垂直管理单位"
    ENTERPRISE = "enterprise", "公用企业"
    OTHER = "other", "其他单位"


class AdministratorKind(models.TextChoices):
    """The three administrators (三员), who exclude each other in the database."""

    SYSTEM = "system", "系统管理员"
    SECURITY = "security", "安全管理员"
    AUDIT = "audit", "审计管理员"
