"""What the verbs of this package are called in the audit log."""

AUDIT_VERBS = {
    "organization.unit_created": "设立单位",
    "organization.unit_changed": "修改单位信息",
    "organization.unit_renamed": "单位更名",
    "organization.unit_moved": "调整单位隶属",
    "organization.unit_abolished": "撤销单位",
    "organization.unit_succeeded": "单位并入",
    "organization.division_created": "设立内设机构",
    "organization.division_changed": "修改内设机构",
    "organization.position_created": "设置职位",
    "organization.position_changed": "修改职位",
    "organization.appointed": "任职",
    "organization.appointment_ended": "免职",
    "organization.delegated": "职位代理",
    "organization.delegation_revoked": "撤回代理",
    "organization.supervision_added": "增加监察范围",
    "organization.supervision_removed": "取消监察范围",
}
