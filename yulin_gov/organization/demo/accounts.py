"""The accounts of the demonstration that are printed at its start. They exist nowhere else."""

# One password for every demo account: seeding is refused wherever real people sign in.
DEMO_PASSWORD = "Yulin-Demo-2026"

# Username, what the account shows, unit, name; in the order of a letter's way through the office.
DEMO_ACCOUNTS: list[tuple[str, str, str, str]] = [
    ("citizen", "群众", "", "李向阳"),
    ("clerk", "信件管理员", "市城市管理局", "梁雨晴"),
    ("handler", "承办人", "市城市管理局", "覃国良"),
    ("reviewer", "审核人", "市城市管理局", "宁秋月"),
    ("leader", "分管领导", "市城市管理局", "庞建业"),
    ("supervisor", "监察员", "市监察局", "黄海生"),
    ("sysadmin", "系统管理员", "市大数据局", "唐文静"),
    ("secadmin", "安全管理员", "市大数据局", "莫家兴"),
    ("auditor", "审计管理员", "市大数据局", "韦桂芳"),
]
