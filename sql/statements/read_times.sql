-- What PostgreSQL reads in two times and an interval that a person wrote, and its clock, in microseconds. $1 a time, $2 a later one, $3 an interval.
-- Run by outrider_app, outrider_operator.
select (extract(epoch from clock_timestamp()) * 1000000)::bigint as present, (extract(epoch from $1::timestamptz) * 1000000)::bigint as first,
       (extract(epoch from $2::timestamptz) * 1000000)::bigint as second, (extract(epoch from $3::interval) * 1000000)::bigint as length
