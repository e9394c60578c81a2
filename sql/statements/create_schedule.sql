-- Makes a schedule, or changes one. $1 name, $2 cron, $3 zone, $4 action, $5 missed, $6 its limit, $7 catch-up, $8 overlap, $9 on a gap, $10 on an
-- overlap of the clock, $11 jitter, $12 how long it lasts, $13 start, $14 end, $15 tags, $16 whether it may replace one, $17 reason, $18 tenant.
-- Run by outrider_app, outrider_operator.
select outrider.create_schedule(
           name => $1::text, cron => $2::text, time_zone => $3::text, action => $4::jsonb, missed => coalesce($5::text, 'latest'),
           missed_limit => coalesce($6::integer, 10), catch_up => $7::interval, overlap => $8::text, on_gap => coalesce($9::text, 'at_change'),
           on_overlap => coalesce($10::text, 'first'), jitter => coalesce($11::interval, '0'), lasts => $12::interval, starts_at => $13::timestamptz,
           ends_at => $14::timestamptz, tags => coalesce($15::text[], '{}'), replace => $16::boolean, reason => $17::text,
           tenant => coalesce($18::text, outrider.current_tenant())) as id
