from django.db import models


class PersonalData(models.TextChoices):
    """The kinds of personal data that are looked for in text."""

    NAME = "name", "姓名"
    MOBILE = "mobile", "手机号码"
    LANDLINE = "landline", "固定电话"
    ID_NUMBER = "id_number", "身份证号码"
    BANK_CARD = "bank_card", "银行卡号"
    PLATE = "plate", "车牌号码"
    EMAIL = "email", "电子邮箱"
    ACCOUNT = "account", "社交账号"
    ADDRESS = "address", "详细住址"
