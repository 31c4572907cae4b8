"""The closed vocabularies of casework."""

from django.db.models import TextChoices


class Origin(TextChoices):
    """Where the record of a case comes from. Statistics never mix them unasked."""

    LIVE = "live", "实际办理"
    DEMO = "demo", "演示数据"
    REPORT = "report", "统计报告"
    IMPORT = "import", "历史导入"


class CaseState(TextChoices):
    """A case is open or closed. “Overdue” is derived from its clocks and never stored."""

    OPEN = "open", "办理中"
    CLOSED = "closed", "已办结"


class Urgency(TextChoices):
    ORDINARY = "ordinary", "一般"
    URGENT = "urgent", "加急"
    CRITICAL = "critical", "特急"


class Part(TextChoices):
    """What a unit is in a case."""

    HOST = "host", "主办"
    COHOST = "cohost", "协办"
    READER = "reader", "传阅"
    SUPERVISOR = "supervisor", "督办"


class Scope(TextChoices):
    """Who in a participating unit may see the case."""

    UNIT = "unit", "全单位"
    ROLE = "role", "指定角色"
    STEPS = "steps", "经办人员"


class StageKind(TextChoices):
    WORK = "work", "办理"
    COUNTERSIGN = "countersign", "会签"
    CIRCULATE = "circulate", "传阅"
    WAIT = "wait", "特殊环节"


class Join(TextChoices):
    """When a stage with several participants is done."""

    ALL = "all", "全部完成"
    ANY = "any", "一家完成"


class Dissent(TextChoices):
    """What a dissenting countersigner leads to."""

    RECORDED = "recorded", "记录后继续"
    BLOCKS = "blocks", "按不同意流转"


class Adhoc(TextChoices):
    """Verbs that a stage may allow besides its routes; written once, here in the kernel."""

    RETURN = "return", "退回"
    FORWARD = "forward", "转交"
    ADD = "add", "增加参与单位"
    REMOVE = "remove", "减少参与单位"
    WITHDRAW = "withdraw", "撤回"


class StepOutcome(TextChoices):
    """How a step ended when it did not end by a route of its procedure."""

    RETURNED = "returned", "退回"
    FORWARDED = "forwarded", "转交"
    SUPERSEDED = "superseded", "不再需要"
    REMOVED = "removed", "已取消"
    WITHDRAWN = "withdrawn", "撤回"
    AGREE = "agree", "同意"
    DISSENT = "dissent", "不同意"
    READ = "read", "已阅"


class ClockState(TextChoices):
    RUNNING = "running", "计时中"
    PAUSED = "paused", "已停表"
    STOPPED = "stopped", "已结束"


class ClockVerb(TextChoices):
    START = "start", "起算"
    PAUSE = "pause", "停表"
    RESUME = "resume", "恢复"
    EXTEND = "extend", "延期"
    RESTART = "restart", "重新起算"
    RECOUNT = "recount", "日历调整后重算"
    STOP = "stop", "计时结束"
    REOPEN = "reopen", "撤回后继续计时"


class UrgeKind(TextChoices):
    REMIND = "remind", "催办"
    SUPERVISE = "supervise", "督办"
