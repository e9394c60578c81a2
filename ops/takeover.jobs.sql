-- The jobs of ops/takeover, in one statement. Variable: jobs, how many.
--
-- One person each. The digits after +1500 choose the fate of a text, a call and a WhatsApp message: mostly well, some
-- unreachable, throttled, slow or answered with 500 although taken. Single messages are of the categories that never wait
-- for a person: otp, alert, marketing; no offer is a call.
with people as (
    select n, '+1500' || (array[0,0,0,0,0,0,0,1,0,7,0,8,0,9,0,0,1,0,0,3])[1 + n % 20] || (n % 7 = 0)::integer
                      || (array[0,2,0,8,9])[1 + n % 5] || lpad(n::text, 4, '0') as phone,
           'delivered+' || n || '@example.com' as email,
           (array['otp','alert','transactional','marketing'])[1 + n % 4] as category,
           (array['notify','notify','notify','sms','email','notify','notify','sms','voice','notify'])[1 + n / 4 % 10] as wish
      from generate_series(1, :jobs) as n
), jobs as (
    select *, wish = 'notify' as climbs, case when category = 'transactional' or wish = 'voice' then 'alert' else category end as single from people
)
insert into outrider.jobs (kind, category, ladder, phone, email, channel, address, template, data, wait_seconds, idempotency_key)
select case when climbs then 'notify' else 'send' end, case when climbs then category else single end,
       case when climbs then (array['repeating','careful'])[1 + n / 7 % 2] end,
       case when climbs then phone end, case when climbs then email end,
       case when not climbs then wish end, case when not climbs then case wish when 'email' then email else phone end end,
       'note', jsonb_build_object('number', n), case when not climbs then 20 end, 'takeover-' || n
  from jobs;
