-- Writes what looks at schedules came to. $1 what each came to, as a JSON array.
-- Run by outrider_worker.
select schedule_id, (extract(epoch from nominal_at) * 1000000)::bigint as nominal, outcome, coalesce(reason, '') as reason
  from outrider.advance_schedules($1::jsonb)
