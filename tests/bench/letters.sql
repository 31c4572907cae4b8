-- Letters number %(first)s+1 … %(last)s of one unit, as rows, without the engine: what the lists,
-- the case page and the sweep meet in a city that has used the platform for years.
-- %(due)s of them have a reminder that is due now. Every third is answered, every tenth published.

CREATE TEMPORARY TABLE made ON COMMIT DROP AS
SELECT n AS id,
       n %% 3 = 0 AS closed,
       n %% 2 = 0 AS drafting,
       now() - (n %% 2000000) * interval '1 minute' AS opened_at,
       now() + interval '30 days' + (n %% 40000) * interval '1 minute' AS due_at,
       '第' || n || '封来信：' || (ARRAY['路灯不亮','垃圾清运','道路破损','噪声扰民','停车收费'])[n %% 5 + 1] AS title
FROM generate_series(%(first)s + 1, %(last)s) AS n;

INSERT INTO casework_case (id, kind, number, public_ref, title, procedure_id, unit_id, state, outcome,
    urgency, origin, opened_at, closed_at, handled_at, due_at, entries, last_sequence, last_hash)
SELECT id, 'letters.letter', 'LXB' || id, 'BENCH' || id, title,
    %(procedure)s, %(unit)s, CASE WHEN closed THEN 'closed' ELSE 'open' END,
    CASE WHEN closed THEN 'replied' ELSE '' END, 'ordinary', 'live', opened_at,
    CASE WHEN closed THEN opened_at + interval '9 days' END,
    CASE WHEN closed THEN opened_at + interval '9 days' END,
    CASE WHEN NOT closed THEN due_at END, 2, 1, md5(id::text)
FROM made ORDER BY id;

INSERT INTO casework_caseunit (case_id, unit_id, part, scope, role, kind, is_open, sort_at, due_at)
SELECT id, %(unit)s, 'host', 'unit', '', 'letters.letter', NOT closed, opened_at,
    CASE WHEN NOT closed THEN due_at END
FROM made ORDER BY id;

INSERT INTO casework_step (id, case_id, entry, stage_key, stage_name, kind, to_read, is_host, case_kind,
    unit_id, role, opened_at, closed_at, due_at, outcome, outcome_label, opinion, acted_by_id)
SELECT id, id, 1, CASE WHEN drafting THEN 'draft' ELSE 'accept' END,
    CASE WHEN drafting THEN '承办拟稿' ELSE '受理' END, 'work', false, true, 'letters.letter', %(unit)s,
    CASE WHEN drafting THEN 'drafter' ELSE 'letter_clerk' END, opened_at,
    CASE WHEN closed THEN opened_at + interval '9 days' END, CASE WHEN NOT closed THEN due_at END,
    CASE WHEN closed THEN 'accept' ELSE '' END, CASE WHEN closed THEN '受理' ELSE '' END, '',
    CASE WHEN closed THEN %(person)s::bigint END
FROM made ORDER BY id;

INSERT INTO casework_caseevent (id, case_id, sequence, step_id, occurred_at, recorded_at, unit_id, verb,
    data, previous_hash, hash)
SELECT id, id, 1, id, opened_at, opened_at, %(unit)s, 'casework.opened',
    '{"stage": "accept", "clocks": {"promised": [15, "workdays"]}, "origin": "live"}', '', md5(id::text)
FROM made ORDER BY id;

INSERT INTO casework_clock (id, case_id, name, label, amount, unit, legal_basis, state, due_at,
    next_alert_at, alerts_done, calendar_revision)
SELECT id, id, 'promised', '答复时限', 15, 'workdays', '', CASE WHEN closed THEN 'stopped' ELSE 'running' END,
    due_at, CASE WHEN NOT closed THEN due_at - interval '3 days' END, 0, %(revision)s
FROM made ORDER BY id;

INSERT INTO casework_clockentry (id, clock_id, event_id, verb, at, amount, reason, legal_basis, due_at,
    calendar_revision)
SELECT id, id, id, 'start', opened_at, 0, '', '', due_at, %(revision)s FROM made ORDER BY id;

INSERT INTO letters_letter (case_id, text, may_publish, reply, replied_at)
SELECT id, title || repeat('，望有关部门尽快派人到现场查看并处理', 4), id %% 10 = 0,
    CASE WHEN closed THEN '您好！来信收悉，我局已安排人员处理。' ELSE '' END,
    CASE WHEN closed THEN opened_at + interval '9 days' END
FROM made ORDER BY id;

INSERT INTO privacy_datakey (id, created_at, destroyed_at) SELECT id, opened_at, opened_at FROM made ORDER BY id;

INSERT INTO letters_letterwriter (letter_id, data_key_id, sealed_name, sealed_phone, sealed_email,
    phone_index, code_index)
SELECT id, id, '', '', '', md5((id %% 50000)::text), '' FROM made ORDER BY id;

INSERT INTO letters_publication (letter_id, unit_id, title, text, reply, reviewed_by_id, published_at,
    withdrawal_reason)
SELECT id, %(unit)s, title, title || repeat('，望有关部门尽快派人到现场查看并处理', 40),
    repeat('您好！来信收悉，我局已安排人员到现场查看并处理，感谢您的监督。', 30), %(person)s,
    opened_at + interval '10 days', ''
FROM made WHERE closed AND id %% 10 = 0 ORDER BY id;

-- Those whose reminder is due now: the first open ones of this lot.
UPDATE casework_clock SET next_alert_at = now() - interval '1 minute'
WHERE id IN (SELECT id FROM made WHERE NOT closed ORDER BY id LIMIT %(due)s);
