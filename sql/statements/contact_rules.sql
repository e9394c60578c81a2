-- All rules of contact in one snapshot, with their version, as lists. A worker keeps them until the version is another.
-- Hours are minutes of a day. The tenant is this login's own.
-- Run by outrider_app, outrider_gateway, outrider_operator, outrider_worker.
select s.version, s.anywhere, outrider.current_tenant() as tenant,
       (select coalesce(json_agg(json_build_array(prefix, country, state, zones)), '[]')::text from outrider.number_places) as places,
       (select coalesce(json_agg(json_build_array(name, jurisdiction, days, extract(epoch from begins)::integer / 60,
                                                  extract(epoch from ends)::integer / 60, category) order by name), '[]')::text
          from outrider.quiet_hours) as quiet_hours,
       (select coalesce(json_agg(json_build_array(tenant, country, categories)), '[]')::text from outrider.country_entries()) as countries,
       (select coalesce(json_agg(json_build_array(prefix, reason)), '[]')::text from outrider.blocked_prefixes) as blocked,
       (select coalesce(json_agg(json_build_array(id, name, subject, category, channel, tenant, coalesce(most, (money * 1000000)::bigint),
                                                  currency, span_seconds, excess, mode = 'enforce') order by id), '[]')::text
          from outrider.caps where mode <> 'off') as caps,
       (select coalesce(json_agg(json_build_array(prefix, (extract(epoch from until) * 1000000)::bigint, messages, arrived)), '[]')::text
          from outrider.prefix_stops where was_enforced and until > clock_timestamp()) as stops,
       (select coalesce(json_agg(json_build_array(channel, category, country, reason)), '[]')::text from outrider.closed_routes) as routes,
       (select coalesce(json_agg(json_build_array(prefix)), '[]')::text from outrider.number_ranges) as ranges,
       (select coalesce(json_agg(json_build_array(category, asks_line_type, holds_over)), '[]')::text from outrider.lookup_rules) as lookups
  from outrider.contact_settings s
