#include "CSchema.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char schema[] = {
#embed "../../sql/0001_schema.sql" suffix(, 0)
};
static const unsigned char functions[] = {
#embed "../../sql/0002_functions.sql" suffix(, 0)
};
static const unsigned char error_codes[] = {
#embed "../../sql/0003_error_codes.sql" suffix(, 0)
};
static const unsigned char ladders[] = {
#embed "../../sql/0004_ladders.sql" suffix(, 0)
};
static const unsigned char roles[] = {
#embed "../../sql/0005_roles.sql" suffix(, 0)
};
static const unsigned char checks[] = {
#embed "../../sql/0006_checks.sql" suffix(, 0)
};
static const unsigned char surroundings[] = {
#embed "../../sql/0007_surroundings.sql" suffix(, 0)
};
static const unsigned char policy[] = {
#embed "../../sql/0008_policy.sql" suffix(, 0)
};
static const unsigned char listener[] = {
#embed "../../sql/0009_listener.sql" suffix(, 0)
};
static const unsigned char counts[] = {
#embed "../../sql/0010_counts.sql" suffix(, 0)
};
static const unsigned char contract[] = {
#embed "../../sql/0011_contract.sql" suffix(, 0)
};
static const unsigned char limits[] = {
#embed "../../sql/0012_limits.sql" suffix(, 0)
};
static const unsigned char campaigns[] = {
#embed "../../sql/0013_campaigns.sql" suffix(, 0)
};
static const unsigned char campaign_jobs[] = {
#embed "../../sql/0014_campaign_jobs.sql" suffix(, 0)
};
static const unsigned char campaign_counts[] = {
#embed "../../sql/0015_campaign_counts.sql" suffix(, 0)
};
static const unsigned char campaign_actions[] = {
#embed "../../sql/0016_campaign_actions.sql" suffix(, 0)
};
static const unsigned char open_sends[] = {
#embed "../../sql/0017_open_sends.sql" suffix(, 0)
};
static const unsigned char schedules[] = {
#embed "../../sql/0018_schedules.sql" suffix(, 0)
};
static const unsigned char schedule_fires[] = {
#embed "../../sql/0019_schedule_fires.sql" suffix(, 0)
};
static const unsigned char schedule_actions[] = {
#embed "../../sql/0020_schedule_actions.sql" suffix(, 0)
};
static const unsigned char persons[] = {
#embed "../../sql/0021_persons.sql" suffix(, 0)
};
static const unsigned char campaign_rates[] = {
#embed "../../sql/0022_campaign_rates.sql" suffix(, 0)
};
static const unsigned char campaign_doctor[] = {
#embed "../../sql/0023_campaign_doctor.sql" suffix(, 0)
};
static const unsigned char campaign_breaker[] = {
#embed "../../sql/0024_campaign_breaker.sql" suffix(, 0)
};
static const unsigned char campaign_budget[] = {
#embed "../../sql/0025_campaign_budget.sql" suffix(, 0)
};
static const unsigned char campaign_window[] = {
#embed "../../sql/0026_campaign_window.sql" suffix(, 0)
};
static const unsigned char campaign_variants[] = {
#embed "../../sql/0027_campaign_variants.sql" suffix(, 0)
};
static const unsigned char schedule_limits[] = {
#embed "../../sql/0028_schedule_limits.sql" suffix(, 0)
};
static const unsigned char suppression_columns[] = {
#embed "../../sql/0029_suppression_columns.sql" suffix(, 0)
};
static const unsigned char opt_out_scopes[] = {
#embed "../../sql/0030_opt_out_scopes.sql" suffix(, 0)
};
static const unsigned char opt_out_wishes[] = {
#embed "../../sql/0031_opt_out_wishes.sql" suffix(, 0)
};
static const unsigned char faster_loads[] = {
#embed "../../sql/0032_faster_loads.sql" suffix(, 0)
};
static const unsigned char contact_rules[] = {
#embed "../../sql/0033_contact_rules.sql" suffix(, 0)
};
static const unsigned char number_places[] = {
#embed "../../sql/0034_number_places.sql" suffix(, 0)
};
static const unsigned char call_ends[] = {
#embed "../../sql/0035_call_ends.sql" suffix(, 0)
};
static const unsigned char resume_reason[] = {
#embed "../../sql/0036_resume_reason.sql" suffix(, 0)
};
static const unsigned char why[] = {
#embed "../../sql/0037_why.sql" suffix(, 0)
};
static const unsigned char evidence[] = {
#embed "../../sql/0038_evidence.sql" suffix(, 0)
};
static const unsigned char caps[] = {
#embed "../../sql/0039_caps.sql" suffix(, 0)
};
static const unsigned char pumping_guard[] = {
#embed "../../sql/0040_pumping_guard.sql" suffix(, 0)
};
static const unsigned char closed_routes[] = {
#embed "../../sql/0041_closed_routes.sql" suffix(, 0)
};
static const unsigned char dead_addresses[] = {
#embed "../../sql/0042_dead_addresses.sql" suffix(, 0)
};
static const unsigned char number_ranges[] = {
#embed "../../sql/0043_number_ranges.sql" suffix(, 0)
};
static const unsigned char retention[] = {
#embed "../../sql/0044_retention.sql" suffix(, 0)
};
static const unsigned char privacy[] = {
#embed "../../sql/0045_privacy.sql" suffix(, 0)
};
static const unsigned char sealed_texts[] = {
#embed "../../sql/0046_sealed_texts.sql" suffix(, 0)
};
static const unsigned char step_failures[] = {
#embed "../../sql/0047_step_failures.sql" suffix(, 0)
};
static const unsigned char content[] = {
#embed "../../sql/0048_content.sql" suffix(, 0)
};
static const unsigned char lookups[] = {
#embed "../../sql/0049_lookups.sql" suffix(, 0)
};

static const struct outrider_sql_file files[] = {
    {"0001_schema.sql", schema},
    {"0002_functions.sql", functions},
    {"0003_error_codes.sql", error_codes},
    {"0004_ladders.sql", ladders},
    {"0005_roles.sql", roles},
    {"0006_checks.sql", checks},
    {"0007_surroundings.sql", surroundings},
    {"0008_policy.sql", policy},
    {"0009_listener.sql", listener},
    {"0010_counts.sql", counts},
    {"0011_contract.sql", contract},
    {"0012_limits.sql", limits},
    {"0013_campaigns.sql", campaigns},
    {"0014_campaign_jobs.sql", campaign_jobs},
    {"0015_campaign_counts.sql", campaign_counts},
    {"0016_campaign_actions.sql", campaign_actions},
    {"0017_open_sends.sql", open_sends},
    {"0018_schedules.sql", schedules},
    {"0019_schedule_fires.sql", schedule_fires},
    {"0020_schedule_actions.sql", schedule_actions},
    {"0021_persons.sql", persons},
    {"0022_campaign_rates.sql", campaign_rates},
    {"0023_campaign_doctor.sql", campaign_doctor},
    {"0024_campaign_breaker.sql", campaign_breaker},
    {"0025_campaign_budget.sql", campaign_budget},
    {"0026_campaign_window.sql", campaign_window},
    {"0027_campaign_variants.sql", campaign_variants},
    {"0028_schedule_limits.sql", schedule_limits},
    {"0029_suppression_columns.sql", suppression_columns},
    {"0030_opt_out_scopes.sql", opt_out_scopes},
    {"0031_opt_out_wishes.sql", opt_out_wishes},
    {"0032_faster_loads.sql", faster_loads},
    {"0033_contact_rules.sql", contact_rules},
    {"0034_number_places.sql", number_places},
    {"0035_call_ends.sql", call_ends},
    {"0036_resume_reason.sql", resume_reason},
    {"0037_why.sql", why},
    {"0038_evidence.sql", evidence},
    {"0039_caps.sql", caps},
    {"0040_pumping_guard.sql", pumping_guard},
    {"0041_closed_routes.sql", closed_routes},
    {"0042_dead_addresses.sql", dead_addresses},
    {"0043_number_ranges.sql", number_ranges},
    {"0044_retention.sql", retention},
    {"0045_privacy.sql", privacy},
    {"0046_sealed_texts.sql", sealed_texts},
    {"0047_step_failures.sql", step_failures},
    {"0048_content.sql", content},
    {"0049_lookups.sql", lookups},
};

const int outrider_sql_file_count = sizeof files / sizeof files[0];

const struct outrider_sql_file *outrider_sql_file_at(int index) { return &files[index]; }
