#include "CSchema.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const struct outrider_sql_file files[] = {
    {"act_for.sql", (const unsigned char[]){
#embed "../../sql/statements/act_for.sql" suffix(, 0)
    }},
    {"add_people.sql", (const unsigned char[]){
#embed "../../sql/statements/add_people.sql" suffix(, 0)
    }},
    {"adopt.sql", (const unsigned char[]){
#embed "../../sql/statements/adopt.sql" suffix(, 0)
    }},
    {"adopt_send.sql", (const unsigned char[]){
#embed "../../sql/statements/adopt_send.sql" suffix(, 0)
    }},
    {"adoption_report.sql", (const unsigned char[]){
#embed "../../sql/statements/adoption_report.sql" suffix(, 0)
    }},
    {"advance_backfill.sql", (const unsigned char[]){
#embed "../../sql/statements/advance_backfill.sql" suffix(, 0)
    }},
    {"advance_schedules.sql", (const unsigned char[]){
#embed "../../sql/statements/advance_schedules.sql" suffix(, 0)
    }},
    {"backfill_schedule.sql", (const unsigned char[]){
#embed "../../sql/statements/backfill_schedule.sql" suffix(, 0)
    }},
    {"beat_load.sql", (const unsigned char[]){
#embed "../../sql/statements/beat_load.sql" suffix(, 0)
    }},
    {"begin_load.sql", (const unsigned char[]){
#embed "../../sql/statements/begin_load.sql" suffix(, 0)
    }},
    {"begin_sends.sql", (const unsigned char[]){
#embed "../../sql/statements/begin_sends.sql" suffix(, 0)
    }},
    {"begin_stray_walk.sql", (const unsigned char[]){
#embed "../../sql/statements/begin_stray_walk.sql" suffix(, 0)
    }},
    {"campaign_costs.sql", (const unsigned char[]){
#embed "../../sql/statements/campaign_costs.sql" suffix(, 0)
    }},
    {"campaign_end.sql", (const unsigned char[]){
#embed "../../sql/statements/campaign_end.sql" suffix(, 0)
    }},
    {"campaign_history.sql", (const unsigned char[]){
#embed "../../sql/statements/campaign_history.sql" suffix(, 0)
    }},
    {"campaign_minutes.sql", (const unsigned char[]){
#embed "../../sql/statements/campaign_minutes.sql" suffix(, 0)
    }},
    {"campaign_people.sql", (const unsigned char[]){
#embed "../../sql/statements/campaign_people.sql" suffix(, 0)
    }},
    {"campaign_plan.sql", (const unsigned char[]){
#embed "../../sql/statements/campaign_plan.sql" suffix(, 0)
    }},
    {"campaign_status.sql", (const unsigned char[]){
#embed "../../sql/statements/campaign_status.sql" suffix(, 0)
    }},
    {"campaign_totals.sql", (const unsigned char[]){
#embed "../../sql/statements/campaign_totals.sql" suffix(, 0)
    }},
    {"campaign_warnings.sql", (const unsigned char[]){
#embed "../../sql/statements/campaign_warnings.sql" suffix(, 0)
    }},
    {"campaigns_to_tend.sql", (const unsigned char[]){
#embed "../../sql/statements/campaigns_to_tend.sql" suffix(, 0)
    }},
    {"cancel_campaign.sql", (const unsigned char[]){
#embed "../../sql/statements/cancel_campaign.sql" suffix(, 0)
    }},
    {"cancel_job.sql", (const unsigned char[]){
#embed "../../sql/statements/cancel_job.sql" suffix(, 0)
    }},
    {"cap_room.sql", (const unsigned char[]){
#embed "../../sql/statements/cap_room.sql" suffix(, 0)
    }},
    {"cap_status.sql", (const unsigned char[]){
#embed "../../sql/statements/cap_status.sql" suffix(, 0)
    }},
    {"check_audience.sql", (const unsigned char[]){
#embed "../../sql/statements/check_audience.sql" suffix(, 0)
    }},
    {"claim_catch_up.sql", (const unsigned char[]){
#embed "../../sql/statements/claim_catch_up.sql" suffix(, 0)
    }},
    {"claim_load.sql", (const unsigned char[]){
#embed "../../sql/statements/claim_load.sql" suffix(, 0)
    }},
    {"claim_witness.sql", (const unsigned char[]){
#embed "../../sql/statements/claim_witness.sql" suffix(, 0)
    }},
    {"clock.sql", (const unsigned char[]){
#embed "../../sql/statements/clock.sql" suffix(, 0)
    }},
    {"condition.sql", (const unsigned char[]){
#embed "../../sql/statements/condition.sql" suffix(, 0)
    }},
    {"contact_rules.sql", (const unsigned char[]){
#embed "../../sql/statements/contact_rules.sql" suffix(, 0)
    }},
    {"contact_zones.sql", (const unsigned char[]){
#embed "../../sql/statements/contact_zones.sql" suffix(, 0)
    }},
    {"count_caps.sql", (const unsigned char[]){
#embed "../../sql/statements/count_caps.sql" suffix(, 0)
    }},
    {"create_campaign.sql", (const unsigned char[]){
#embed "../../sql/statements/create_campaign.sql" suffix(, 0)
    }},
    {"create_partitions.sql", (const unsigned char[]){
#embed "../../sql/statements/create_partitions.sql" suffix(, 0)
    }},
    {"create_schedule.sql", (const unsigned char[]){
#embed "../../sql/statements/create_schedule.sql" suffix(, 0)
    }},
    {"doctor_campaigns.sql", (const unsigned char[]){
#embed "../../sql/statements/doctor_campaigns.sql" suffix(, 0)
    }},
    {"doctor_contact_rules.sql", (const unsigned char[]){
#embed "../../sql/statements/doctor_contact_rules.sql" suffix(, 0)
    }},
    {"doctor_publications.sql", (const unsigned char[]){
#embed "../../sql/statements/doctor_publications.sql" suffix(, 0)
    }},
    {"doctor_retention.sql", (const unsigned char[]){
#embed "../../sql/statements/doctor_retention.sql" suffix(, 0)
    }},
    {"doctor_roles.sql", (const unsigned char[]){
#embed "../../sql/statements/doctor_roles.sql" suffix(, 0)
    }},
    {"doctor_schedules.sql", (const unsigned char[]){
#embed "../../sql/statements/doctor_schedules.sql" suffix(, 0)
    }},
    {"doctor_seals.sql", (const unsigned char[]){
#embed "../../sql/statements/doctor_seals.sql" suffix(, 0)
    }},
    {"doctor_senders.sql", (const unsigned char[]){
#embed "../../sql/statements/doctor_senders.sql" suffix(, 0)
    }},
    {"doctor_server.sql", (const unsigned char[]){
#embed "../../sql/statements/doctor_server.sql" suffix(, 0)
    }},
    {"doctor_settings.sql", (const unsigned char[]){
#embed "../../sql/statements/doctor_settings.sql" suffix(, 0)
    }},
    {"doctor_texts.sql", (const unsigned char[]){
#embed "../../sql/statements/doctor_texts.sql" suffix(, 0)
    }},
    {"doctor_zones.sql", (const unsigned char[]){
#embed "../../sql/statements/doctor_zones.sql" suffix(, 0)
    }},
    {"doubt_counts.sql", (const unsigned char[]){
#embed "../../sql/statements/doubt_counts.sql" suffix(, 0)
    }},
    {"doubt_database.sql", (const unsigned char[]){
#embed "../../sql/statements/doubt_database.sql" suffix(, 0)
    }},
    {"drop_cap_uses.sql", (const unsigned char[]){
#embed "../../sql/statements/drop_cap_uses.sql" suffix(, 0)
    }},
    {"drop_due.sql", (const unsigned char[]){
#embed "../../sql/statements/drop_due.sql" suffix(, 0)
    }},
    {"drop_old_calls.sql", (const unsigned char[]){
#embed "../../sql/statements/drop_old_calls.sql" suffix(, 0)
    }},
    {"drop_old_lookups.sql", (const unsigned char[]){
#embed "../../sql/statements/drop_old_lookups.sql" suffix(, 0)
    }},
    {"drop_old_windows.sql", (const unsigned char[]){
#embed "../../sql/statements/drop_old_windows.sql" suffix(, 0)
    }},
    {"drop_revived.sql", (const unsigned char[]){
#embed "../../sql/statements/drop_revived.sql" suffix(, 0)
    }},
    {"drop_schedule.sql", (const unsigned char[]){
#embed "../../sql/statements/drop_schedule.sql" suffix(, 0)
    }},
    {"drop_settled_sends.sql", (const unsigned char[]){
#embed "../../sql/statements/drop_settled_sends.sql" suffix(, 0)
    }},
    {"due_backfill.sql", (const unsigned char[]){
#embed "../../sql/statements/due_backfill.sql" suffix(, 0)
    }},
    {"due_counts.sql", (const unsigned char[]){
#embed "../../sql/statements/due_counts.sql" suffix(, 0)
    }},
    {"due_schedules.sql", (const unsigned char[]){
#embed "../../sql/statements/due_schedules.sql" suffix(, 0)
    }},
    {"end_load.sql", (const unsigned char[]){
#embed "../../sql/statements/end_load.sql" suffix(, 0)
    }},
    {"end_stray_walk.sql", (const unsigned char[]){
#embed "../../sql/statements/end_stray_walk.sql" suffix(, 0)
    }},
    {"end_witness.sql", (const unsigned char[]){
#embed "../../sql/statements/end_witness.sql" suffix(, 0)
    }},
    {"error_codes.sql", (const unsigned char[]){
#embed "../../sql/statements/error_codes.sql" suffix(, 0)
    }},
    {"export_elsewhere.sql", (const unsigned char[]){
#embed "../../sql/statements/export_elsewhere.sql" suffix(, 0)
    }},
    {"export_inbound.sql", (const unsigned char[]){
#embed "../../sql/statements/export_inbound.sql" suffix(, 0)
    }},
    {"export_jobs.sql", (const unsigned char[]){
#embed "../../sql/statements/export_jobs.sql" suffix(, 0)
    }},
    {"feed_campaign.sql", (const unsigned char[]){
#embed "../../sql/statements/feed_campaign.sql" suffix(, 0)
    }},
    {"find_attempts.sql", (const unsigned char[]){
#embed "../../sql/statements/find_attempts.sql" suffix(, 0)
    }},
    {"find_strays.sql", (const unsigned char[]){
#embed "../../sql/statements/find_strays.sql" suffix(, 0)
    }},
    {"finish_campaigns.sql", (const unsigned char[]){
#embed "../../sql/statements/finish_campaigns.sql" suffix(, 0)
    }},
    {"fire_waiting_schedules.sql", (const unsigned char[]){
#embed "../../sql/statements/fire_waiting_schedules.sql" suffix(, 0)
    }},
    {"fold_campaign_counts.sql", (const unsigned char[]){
#embed "../../sql/statements/fold_campaign_counts.sql" suffix(, 0)
    }},
    {"fold_failures.sql", (const unsigned char[]){
#embed "../../sql/statements/fold_failures.sql" suffix(, 0)
    }},
    {"forget_dead.sql", (const unsigned char[]){
#embed "../../sql/statements/forget_dead.sql" suffix(, 0)
    }},
    {"forget_elsewhere.sql", (const unsigned char[]){
#embed "../../sql/statements/forget_elsewhere.sql" suffix(, 0)
    }},
    {"forget_fires.sql", (const unsigned char[]){
#embed "../../sql/statements/forget_fires.sql" suffix(, 0)
    }},
    {"forget_inbound.sql", (const unsigned char[]){
#embed "../../sql/statements/forget_inbound.sql" suffix(, 0)
    }},
    {"forget_jobs.sql", (const unsigned char[]){
#embed "../../sql/statements/forget_jobs.sql" suffix(, 0)
    }},
    {"forget_members.sql", (const unsigned char[]){
#embed "../../sql/statements/forget_members.sql" suffix(, 0)
    }},
    {"gateway_beats.sql", (const unsigned char[]){
#embed "../../sql/statements/gateway_beats.sql" suffix(, 0)
    }},
    {"gateway_ends.sql", (const unsigned char[]){
#embed "../../sql/statements/gateway_ends.sql" suffix(, 0)
    }},
    {"hasten_receipts.sql", (const unsigned char[]){
#embed "../../sql/statements/hasten_receipts.sql" suffix(, 0)
    }},
    {"heartbeat.sql", (const unsigned char[]){
#embed "../../sql/statements/heartbeat.sql" suffix(, 0)
    }},
    {"held_count.sql", (const unsigned char[]){
#embed "../../sql/statements/held_count.sql" suffix(, 0)
    }},
    {"held_elsewhere.sql", (const unsigned char[]){
#embed "../../sql/statements/held_elsewhere.sql" suffix(, 0)
    }},
    {"held_jobs.sql", (const unsigned char[]){
#embed "../../sql/statements/held_jobs.sql" suffix(, 0)
    }},
    {"hold_first.sql", (const unsigned char[]){
#embed "../../sql/statements/hold_first.sql" suffix(, 0)
    }},
    {"hold_rows.sql", (const unsigned char[]){
#embed "../../sql/statements/hold_rows.sql" suffix(, 0)
    }},
    {"import_consents.sql", (const unsigned char[]){
#embed "../../sql/statements/import_consents.sql" suffix(, 0)
    }},
    {"import_suppressions.sql", (const unsigned char[]){
#embed "../../sql/statements/import_suppressions.sql" suffix(, 0)
    }},
    {"inbound_of_address.sql", (const unsigned char[]){
#embed "../../sql/statements/inbound_of_address.sql" suffix(, 0)
    }},
    {"insert_development_senders.sql", (const unsigned char[]){
#embed "../../sql/statements/insert_development_senders.sql" suffix(, 0)
    }},
    {"installation.sql", (const unsigned char[]){
#embed "../../sql/statements/installation.sql" suffix(, 0)
    }},
    {"job_by_id.sql", (const unsigned char[]){
#embed "../../sql/statements/job_by_id.sql" suffix(, 0)
    }},
    {"job_of_key.sql", (const unsigned char[]){
#embed "../../sql/statements/job_of_key.sql" suffix(, 0)
    }},
    {"jobs_to_address.sql", (const unsigned char[]){
#embed "../../sql/statements/jobs_to_address.sql" suffix(, 0)
    }},
    {"judge_campaigns.sql", (const unsigned char[]){
#embed "../../sql/statements/judge_campaigns.sql" suffix(, 0)
    }},
    {"judge_prefixes.sql", (const unsigned char[]){
#embed "../../sql/statements/judge_prefixes.sql" suffix(, 0)
    }},
    {"keep_catch_up.sql", (const unsigned char[]){
#embed "../../sql/statements/keep_catch_up.sql" suffix(, 0)
    }},
    {"keep_witness.sql", (const unsigned char[]){
#embed "../../sql/statements/keep_witness.sql" suffix(, 0)
    }},
    {"keyword_reply.sql", (const unsigned char[]){
#embed "../../sql/statements/keyword_reply.sql" suffix(, 0)
    }},
    {"lease_looks.sql", (const unsigned char[]){
#embed "../../sql/statements/lease_looks.sql" suffix(, 0)
    }},
    {"leased_count.sql", (const unsigned char[]){
#embed "../../sql/statements/leased_count.sql" suffix(, 0)
    }},
    {"lift_address.sql", (const unsigned char[]){
#embed "../../sql/statements/lift_address.sql" suffix(, 0)
    }},
    {"lift_suppressions.sql", (const unsigned char[]){
#embed "../../sql/statements/lift_suppressions.sql" suffix(, 0)
    }},
    {"list_consents.sql", (const unsigned char[]){
#embed "../../sql/statements/list_consents.sql" suffix(, 0)
    }},
    {"list_dead.sql", (const unsigned char[]){
#embed "../../sql/statements/list_dead.sql" suffix(, 0)
    }},
    {"list_suppressions.sql", (const unsigned char[]){
#embed "../../sql/statements/list_suppressions.sql" suffix(, 0)
    }},
    {"live_workers.sql", (const unsigned char[]){
#embed "../../sql/statements/live_workers.sql" suffix(, 0)
    }},
    {"load_campaign.sql", (const unsigned char[]){
#embed "../../sql/statements/load_campaign.sql" suffix(, 0)
    }},
    {"loaded_people.sql", (const unsigned char[]){
#embed "../../sql/statements/loaded_people.sql" suffix(, 0)
    }},
    {"lock_words.sql", (const unsigned char[]){
#embed "../../sql/statements/lock_words.sql" suffix(, 0)
    }},
    {"look.sql", (const unsigned char[]){
#embed "../../sql/statements/look.sql" suffix(, 0)
    }},
    {"lookup_status.sql", (const unsigned char[]){
#embed "../../sql/statements/lookup_status.sql" suffix(, 0)
    }},
    {"meaning.sql", (const unsigned char[]){
#embed "../../sql/statements/meaning.sql" suffix(, 0)
    }},
    {"newest_addresses.sql", (const unsigned char[]){
#embed "../../sql/statements/newest_addresses.sql" suffix(, 0)
    }},
    {"newest_jobs_to.sql", (const unsigned char[]){
#embed "../../sql/statements/newest_jobs_to.sql" suffix(, 0)
    }},
    {"note_alive.sql", (const unsigned char[]){
#embed "../../sql/statements/note_alive.sql" suffix(, 0)
    }},
    {"note_dead.sql", (const unsigned char[]){
#embed "../../sql/statements/note_dead.sql" suffix(, 0)
    }},
    {"note_lookups.sql", (const unsigned char[]){
#embed "../../sql/statements/note_lookups.sql" suffix(, 0)
    }},
    {"note_privacy.sql", (const unsigned char[]){
#embed "../../sql/statements/note_privacy.sql" suffix(, 0)
    }},
    {"note_promotion.sql", (const unsigned char[]){
#embed "../../sql/statements/note_promotion.sql" suffix(, 0)
    }},
    {"oldest_overdue.sql", (const unsigned char[]){
#embed "../../sql/statements/oldest_overdue.sql" suffix(, 0)
    }},
    {"open_wishes.sql", (const unsigned char[]){
#embed "../../sql/statements/open_wishes.sql" suffix(, 0)
    }},
    {"outcome_counts.sql", (const unsigned char[]){
#embed "../../sql/statements/outcome_counts.sql" suffix(, 0)
    }},
    {"own_leases.sql", (const unsigned char[]){
#embed "../../sql/statements/own_leases.sql" suffix(, 0)
    }},
    {"pause_campaign.sql", (const unsigned char[]){
#embed "../../sql/statements/pause_campaign.sql" suffix(, 0)
    }},
    {"pause_schedule.sql", (const unsigned char[]){
#embed "../../sql/statements/pause_schedule.sql" suffix(, 0)
    }},
    {"pause_schedules.sql", (const unsigned char[]){
#embed "../../sql/statements/pause_schedules.sql" suffix(, 0)
    }},
    {"preview_people.sql", (const unsigned char[]){
#embed "../../sql/statements/preview_people.sql" suffix(, 0)
    }},
    {"purge.sql", (const unsigned char[]){
#embed "../../sql/statements/purge.sql" suffix(, 0)
    }},
    {"put_off_catch_up.sql", (const unsigned char[]){
#embed "../../sql/statements/put_off_catch_up.sql" suffix(, 0)
    }},
    {"put_off_load.sql", (const unsigned char[]){
#embed "../../sql/statements/put_off_load.sql" suffix(, 0)
    }},
    {"put_off_schedule.sql", (const unsigned char[]){
#embed "../../sql/statements/put_off_schedule.sql" suffix(, 0)
    }},
    {"read_times.sql", (const unsigned char[]){
#embed "../../sql/statements/read_times.sql" suffix(, 0)
    }},
    {"recent_jobs.sql", (const unsigned char[]){
#embed "../../sql/statements/recent_jobs.sql" suffix(, 0)
    }},
    {"recipients.sql", (const unsigned char[]){
#embed "../../sql/statements/recipients.sql" suffix(, 0)
    }},
    {"record.sql", (const unsigned char[]){
#embed "../../sql/statements/record.sql" suffix(, 0)
    }},
    {"register_worker.sql", (const unsigned char[]){
#embed "../../sql/statements/register_worker.sql" suffix(, 0)
    }},
    {"rehearsal_contact.sql", (const unsigned char[]){
#embed "../../sql/statements/rehearsal_contact.sql" suffix(, 0)
    }},
    {"rehearsal_course.sql", (const unsigned char[]){
#embed "../../sql/statements/rehearsal_course.sql" suffix(, 0)
    }},
    {"rehearsal_people.sql", (const unsigned char[]){
#embed "../../sql/statements/rehearsal_people.sql" suffix(, 0)
    }},
    {"rehearsal_rows.sql", (const unsigned char[]){
#embed "../../sql/statements/rehearsal_rows.sql" suffix(, 0)
    }},
    {"rehearsal_waits.sql", (const unsigned char[]){
#embed "../../sql/statements/rehearsal_waits.sql" suffix(, 0)
    }},
    {"release_held.sql", (const unsigned char[]){
#embed "../../sql/statements/release_held.sql" suffix(, 0)
    }},
    {"remove_worker.sql", (const unsigned char[]){
#embed "../../sql/statements/remove_worker.sql" suffix(, 0)
    }},
    {"report_troubles.sql", (const unsigned char[]){
#embed "../../sql/statements/report_troubles.sql" suffix(, 0)
    }},
    {"reported_troubles.sql", (const unsigned char[]){
#embed "../../sql/statements/reported_troubles.sql" suffix(, 0)
    }},
    {"reroute.sql", (const unsigned char[]){
#embed "../../sql/statements/reroute.sql" suffix(, 0)
    }},
    {"rescue.sql", (const unsigned char[]){
#embed "../../sql/statements/rescue.sql" suffix(, 0)
    }},
    {"resume_campaign.sql", (const unsigned char[]){
#embed "../../sql/statements/resume_campaign.sql" suffix(, 0)
    }},
    {"resume_schedule.sql", (const unsigned char[]){
#embed "../../sql/statements/resume_schedule.sql" suffix(, 0)
    }},
    {"resume_schedules.sql", (const unsigned char[]){
#embed "../../sql/statements/resume_schedules.sql" suffix(, 0)
    }},
    {"retry_campaign.sql", (const unsigned char[]){
#embed "../../sql/statements/retry_campaign.sql" suffix(, 0)
    }},
    {"retry_part.sql", (const unsigned char[]){
#embed "../../sql/statements/retry_part.sql" suffix(, 0)
    }},
    {"schedule_definition.sql", (const unsigned char[]){
#embed "../../sql/statements/schedule_definition.sql" suffix(, 0)
    }},
    {"schedule_fired.sql", (const unsigned char[]){
#embed "../../sql/statements/schedule_fired.sql" suffix(, 0)
    }},
    {"schedule_fires.sql", (const unsigned char[]){
#embed "../../sql/statements/schedule_fires.sql" suffix(, 0)
    }},
    {"schedule_history.sql", (const unsigned char[]){
#embed "../../sql/statements/schedule_history.sql" suffix(, 0)
    }},
    {"schedule_status.sql", (const unsigned char[]){
#embed "../../sql/statements/schedule_status.sql" suffix(, 0)
    }},
    {"schedule_upcoming.sql", (const unsigned char[]){
#embed "../../sql/statements/schedule_upcoming.sql" suffix(, 0)
    }},
    {"schema_answers.sql", (const unsigned char[]){
#embed "../../sql/statements/schema_answers.sql" suffix(, 0)
    }},
    {"sealed_jobs.sql", (const unsigned char[]){
#embed "../../sql/statements/sealed_jobs.sql" suffix(, 0)
    }},
    {"sender_refused.sql", (const unsigned char[]){
#embed "../../sql/statements/sender_refused.sql" suffix(, 0)
    }},
    {"sender_states.sql", (const unsigned char[]){
#embed "../../sql/statements/sender_states.sql" suffix(, 0)
    }},
    {"senders_got_through.sql", (const unsigned char[]){
#embed "../../sql/statements/senders_got_through.sql" suffix(, 0)
    }},
    {"server_answers.sql", (const unsigned char[]){
#embed "../../sql/statements/server_answers.sql" suffix(, 0)
    }},
    {"set_anywhere.sql", (const unsigned char[]){
#embed "../../sql/statements/set_anywhere.sql" suffix(, 0)
    }},
    {"set_campaign_rate.sql", (const unsigned char[]){
#embed "../../sql/statements/set_campaign_rate.sql" suffix(, 0)
    }},
    {"set_shard.sql", (const unsigned char[]){
#embed "../../sql/statements/set_shard.sql" suffix(, 0)
    }},
    {"settle_ends.sql", (const unsigned char[]){
#embed "../../sql/statements/settle_ends.sql" suffix(, 0)
    }},
    {"settle_wish.sql", (const unsigned char[]){
#embed "../../sql/statements/settle_wish.sql" suffix(, 0)
    }},
    {"start_campaign.sql", (const unsigned char[]){
#embed "../../sql/statements/start_campaign.sql" suffix(, 0)
    }},
    {"stopped_campaigns.sql", (const unsigned char[]){
#embed "../../sql/statements/stopped_campaigns.sql" suffix(, 0)
    }},
    {"stopped_prefixes.sql", (const unsigned char[]){
#embed "../../sql/statements/stopped_prefixes.sql" suffix(, 0)
    }},
    {"store_inbound.sql", (const unsigned char[]){
#embed "../../sql/statements/store_inbound.sql" suffix(, 0)
    }},
    {"store_receipts.sql", (const unsigned char[]){
#embed "../../sql/statements/store_receipts.sql" suffix(, 0)
    }},
    {"store_suppressions.sql", (const unsigned char[]){
#embed "../../sql/statements/store_suppressions.sql" suffix(, 0)
    }},
    {"store_unsubscribe.sql", (const unsigned char[]){
#embed "../../sql/statements/store_unsubscribe.sql" suffix(, 0)
    }},
    {"store_wishes.sql", (const unsigned char[]){
#embed "../../sql/statements/store_wishes.sql" suffix(, 0)
    }},
    {"suppress.sql", (const unsigned char[]){
#embed "../../sql/statements/suppress.sql" suffix(, 0)
    }},
    {"suppress_address.sql", (const unsigned char[]){
#embed "../../sql/statements/suppress_address.sql" suffix(, 0)
    }},
    {"suppression_counts.sql", (const unsigned char[]){
#embed "../../sql/statements/suppression_counts.sql" suffix(, 0)
    }},
    {"sweep_campaign.sql", (const unsigned char[]){
#embed "../../sql/statements/sweep_campaign.sql" suffix(, 0)
    }},
    {"take.sql", (const unsigned char[]){
#embed "../../sql/statements/take.sql" suffix(, 0)
    }},
    {"take_ends.sql", (const unsigned char[]){
#embed "../../sql/statements/take_ends.sql" suffix(, 0)
    }},
    {"tally.sql", (const unsigned char[]){
#embed "../../sql/statements/tally.sql" suffix(, 0)
    }},
    {"tally_suppressions.sql", (const unsigned char[]){
#embed "../../sql/statements/tally_suppressions.sql" suffix(, 0)
    }},
    {"timeline.sql", (const unsigned char[]){
#embed "../../sql/statements/timeline.sql" suffix(, 0)
    }},
    {"trigger_schedule.sql", (const unsigned char[]){
#embed "../../sql/statements/trigger_schedule.sql" suffix(, 0)
    }},
    {"try_write.sql", (const unsigned char[]){
#embed "../../sql/statements/try_write.sql" suffix(, 0)
    }},
    {"unfed_counts.sql", (const unsigned char[]){
#embed "../../sql/statements/unfed_counts.sql" suffix(, 0)
    }},
    {"unheard.sql", (const unsigned char[]){
#embed "../../sql/statements/unheard.sql" suffix(, 0)
    }},
    {"watch_home.sql", (const unsigned char[]){
#embed "../../sql/statements/watch_home.sql" suffix(, 0)
    }},
    {"watch_numbers.sql", (const unsigned char[]){
#embed "../../sql/statements/watch_numbers.sql" suffix(, 0)
    }},
    {"why.sql", (const unsigned char[]){
#embed "../../sql/statements/why.sql" suffix(, 0)
    }},
    {"wish_count.sql", (const unsigned char[]){
#embed "../../sql/statements/wish_count.sql" suffix(, 0)
    }},
    {"withdraw.sql", (const unsigned char[]){
#embed "../../sql/statements/withdraw.sql" suffix(, 0)
    }},
    {"zone_changes.sql", (const unsigned char[]){
#embed "../../sql/statements/zone_changes.sql" suffix(, 0)
    }},
};

const int outrider_statement_file_count = sizeof files / sizeof files[0];

const struct outrider_sql_file *outrider_statement_file_at(int index) { return &files[index]; }
