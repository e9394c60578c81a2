/// What each metric says, for its `# HELP` line. A test asks for every metric that is shown.
enum MetricHelp {
    static func text(of name: String) -> String { texts[name] ?? "Counted by a library of Outrider's." }

    static func isDescribed(_ name: String) -> Bool { texts[name] != nil }

    private static let texts = counted.merging(read) { first, _ in first }

    /// What a process counts by itself.
    private static let counted = [
        "outrider_arrivals_total": "What webhooks brought, by source and whether it was new.",
        "outrider_attempts_lost_total":
            "Intents without an answer that were found when a dead worker's work was taken over.",
        "outrider_attempts_total": "Requests that send a message, by channel and by what the provider answered.",
        "outrider_build_info": "The version that runs. Always 1.",
        "outrider_catch_up_messages_total":
            "What people wrote, as lists show it; new when no webhook had brought it.",
        "outrider_codes_unknown_total": "Provider codes that error_codes does not have: their class was assumed.",
        "outrider_connections_closed_total":
            "Connections that a listener closed before their time: late, or to make room for another.",
        "outrider_jobs_taken_total": "Due rows that this worker took, of sends and of looks that ask a provider.",
        "outrider_jobs_unreadable_total": "Jobs that are held because this version cannot read them.",
        "outrider_leases_rescued_total": "Due rows of dead workers that were placed again.",
        "outrider_log_lines_dropped_total": "Log lines that nobody took in time.",
        "outrider_lookups_total":
            "Numbers before a message to them, where a rule wants them looked up, by what came of it.",
        "outrider_metrics_dropped_total": "Series beyond the bound, which are not shown.",
        "outrider_polls_total": "Questions to providers about what became of messages, by kind.",
        "outrider_queue_wait_seconds": "From the time at which a send was due until its intent, by priority.",
        "outrider_reconciliations_total":
            "Looks at a provider's list for a send that nobody could account for, by result.",
        "outrider_records_failed_total": "Commits of what was learnt that failed and are tried again.",
        "outrider_schedules_firings_total":
            "Times of schedules that came, by what became of them; those that passed while no worker ran are not counted.",
        "outrider_send_duration_seconds": "How long a request that sends a message took, by provider.",
        "outrider_troubles":
            "Troubles in force by cause: what keeps messages from being sent or stored.",
        "outrider_webhook_duration_seconds": "How long a webhook took to be answered, by source.",
        "outrider_webhooks_total": "Webhooks by source and by what became of them.",
        "outrider_workers_found_dead_total": "Workers whose heart had stopped and whose work this worker took over.",
        "process_cpu_seconds_total": "User and system CPU time of this process, in seconds.",
        "process_max_fds": "File descriptors that this process may open.",
        "process_open_fds": "File descriptors that this process has open.",
        "process_resident_memory_bytes": "Resident memory of this process, in bytes.",
        "process_start_time_seconds": "When this process started, in seconds since 1970.",
    ]

    /// What a gateway reads from the database at a scrape.
    private static let read = [
        "outrider_database_up": "Whether the database answers this gateway. A count that is late does not make it 0.",
        "outrider_due":
            "Jobs with a due row, by reason and time. At least so many where outrider_due_exact is 0.",
        "outrider_due_exact": "Whether outrider_due is exact: 0 where there are more than are counted.",
        "outrider_duplicates_24h": "Attempts of 24 hours that were repeated and turned out to have been taken.",
        "outrider_figures_late": "Figures that were not read in time and are missing from this scrape.",
        "outrider_jobs": "Jobs that have not ended, by state. At least so many where outrider_jobs_exact is 0.",
        "outrider_jobs_ended_24h": "Jobs that ended in the last 24 hours, by outcome and last channel.",
        "outrider_jobs_ended_24h_exact":
            "Whether outrider_jobs_ended_24h is exact: 0 while workers have not tallied all of the day.",
        "outrider_jobs_exact": "Whether outrider_jobs is exact: 0 where there are more than are counted.",
        "outrider_jobs_held": "Jobs that wait for a person.",
        "outrider_oldest_overdue_seconds": "How late the oldest due row is.",
        "outrider_resends_24h": "Sends of 24 hours that were repeated although nobody could account for the first.",
        "outrider_sender_paused": "Senders that are paused, by channel and by the provider's code.",
        "outrider_strays_total": "Jobs that came without a due row and got one.",
        "outrider_suppressions": "Suppressions in force, by channel. Many are counted every ten minutes.",
        "outrider_unheard_seconds": "For how long it is not known what people wrote, STOP included.",
        "outrider_unknown_sends_24h": "Sends of 24 hours that nobody could account for at first, by channel.",
        "outrider_unknown_sends_resolved_24h": "How unknown sends of 24 hours were resolved.",
        "outrider_wasted_escalations_24h": "Steps of 24 hours that arrived after the next one had begun.",
        "outrider_workers_alive": "Workers whose heart beat within the last minute.",
    ]
}
