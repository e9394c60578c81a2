-- What a campaign says, by which channels and senders, at which prices. $1 name, $2 tenant.
-- Run by outrider_app, outrider_operator.
select id, category, channels, data, locale, not_after_us, audience, texts, senders, variants, prices, window_words,
       rate_per_second::float8 as rate
  from outrider.campaign_plan($1::text, coalesce($2::text, outrider.current_tenant()))
