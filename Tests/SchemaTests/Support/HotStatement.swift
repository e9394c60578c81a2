import Postgres
import Schema

/// A statement that is run all day, on a batch as large as it gets, and what it may cost.
struct HotStatement: Sendable {
    let name: String
    /// SQL expressions that give the values of its parameters.
    let parameters: [String]
    /// What must be there when it is run.
    var setUp = ""
    /// The rows of its batch, as an SQL expression.
    var rows = "200"
    /// Pages it may look at for each row, and rows it may touch on the way.
    var pagesPerRow = 45.0
    var touchedPerRow = 40.0
    /// Small tables, and indexes of rare rows, that it may read whole.
    var mayWalk: Set<String> = []

    var sql: String { Schema.statement(name).sql }

    init(
        _ name: String, _ parameters: [String] = [], setUp: String = "", rows: String = "200", pages: Double = 45,
        touched: Double = 40, mayWalk: Set<String> = []
    ) {
        self.name = name
        self.parameters = parameters
        self.setUp = setUp
        self.rows = rows
        (pagesPerRow, touchedPerRow) = (pages, touched)
        self.mayWalk = mayWalk
    }
}

extension HotStatement {
    /// The jobs of the first 200 rows of a lane, as an array; filled up with others where there are fewer.
    private static func jobs(of lane: String) -> String {
        """
        (array(select job_id from outrider.due where lane = \(lane) order by at, job_id limit 200) || \(many("n::bigint")))[1:200]
        """
    }

    /// The tokens of the attempts of these jobs.
    private static func tokens(of lane: String) -> String {
        """
        (select array_agg(token order by n) from unnest(\(jobs(of: lane))) with ordinality as j (id, n)
           left join outrider.events e on e.job_id = j.id and e.generation = 1 and e.kind = 'intent')
        """
    }

    private static func many(_ value: String, _ count: Int = 200) -> String {
        "(select array_agg(v order by n) from (select n, \(value) as v from generate_series(1, \(count)) n) m)"
    }

    /// The lane of the sender 1 and priority 2.
    private static let sends =
        "(select id from outrider.lanes where sender_id = 1 and priority = 2 and tenant is null and campaign_id is null)"
    private static let present = "(extract(epoch from clock_timestamp()) * 1000000)::bigint"
    private static let ladders = "'{}'::integer[]"
    /// A take of a lane whose campaign has no rate.
    private static let unrated = Array(repeating: "null", count: 9)
    private static let rated = """
        insert into outrider.campaigns (id, tenant, name, rate_per_second) overriding system value values (4711, 'default', 'rated', 500)
        """

    private static func lease(_ worker: String) -> String {
        """
        insert into outrider.leases (id, worker, job_ids, generations, steps, ladder_ids, reasons) overriding system value
        select 4711, '\(worker)', array_agg(job_id), array_agg(1), array_agg(0), array_agg(null::integer), array_agg('dispatch'::text)
          from unnest(\(jobs(of: "6"))) as d (job_id)
        """
    }

    /// What a worker runs.
    static let ofWorkers: [HotStatement] = [
        HotStatement(
            "look", ["'{0}'::integer[]", "'{0}'::bigint[]", "'{0}'::bigint[]", "array[2147483647]"],
            rows: "(select count(distinct lane) from outrider.due)"),
        HotStatement("take", [sends, "0", "0", "200", "'w1'", "1", "1000", "null", ladders] + unrated),
        HotStatement(
            "take",
            [
                sends, "0", "0", "200", "'w1'", "1", "1000", "null", ladders, "4711", "500", "1000", "10", "500", "200",
                "null",
                "0", "null",
            ], setUp: rated),
        HotStatement("take", ["2", "0", "0", "200", "'w1'", "null", "null", "null", ladders] + unrated),
        HotStatement("take", ["6", "0", "0", "200", "'w1'", "null", "null", "null", ladders] + unrated),
        HotStatement(
            "drop_due",
            [
                "(select array_agg(ctid) from (select ctid from outrider.due where lane = \(sends) order by at, job_id limit 200) d)"
            ],
            pages: 10),
        HotStatement(
            "begin_sends",
            [
                jobs(of: sends), many("1"), many("0"), many("null::integer"), many("'sms'"),
                many("'+1555' || n"), many("n * 7919"), many("n"), many("n"), many("'default'"), many("null::text"),
                many("1"), "'w1'", "1", sends, "null", present, "'0'", "'open_send'", "'it waits'",
                many("'transactional'"),
            ]),
        HotStatement(
            "lease_looks",
            ["'w1'", jobs(of: "6"), many("1"), many("0"), many("null::integer"), many("'receipt'")]),
        HotStatement("hold_first", [sends, "0", "0", "'why'", "'w1'"], rows: "1"),
        HotStatement(
            "record",
            [
                jobs(of: "2"), many("1"), many("'next'"), many("'decided'"), many("0"),
                many("null::integer"), many("'sms'"), many("1"), many("'retry'"), many("null::text"),
                many("null::text"), many("null::text"), many("null::text"), many("null::text"),
                jobs(of: "2"), many(present), many("'dispatch'"), many("0"), many("2"),
                many("null::integer"), many("2"), many("'sms'"), many("1"), many("'next'"), many("'decided'"), "'w1'",
                "array[1, 2]",
                many("n"), jobs(of: "2"), many("1"), many("n % 50 = 0"), "'{}'::bigint[]", "'{}'::integer[]",
                "'not_needed'",
            ], pages: 60, touched: 20),
        HotStatement(
            "rescue", ["'w1'", "'{}'::bigint[]", "60", "30"], setUp: lease("dead"), mayWalk: ["workers", "leases"]),
        HotStatement(
            "withdraw", ["array[4711]", "'w1'"], setUp: lease("w1"), mayWalk: ["leases", "open_sends"]),
        HotStatement(
            "adopt_send",
            [
                "'SM-new'", "(" + jobs(of: "6") + ")[1]", "1", "'default'", "-1", "\(present) - 90000000", present,
                "null",
            ],
            rows: "1"),
        HotStatement(
            "reroute", setUp: "update outrider.senders set enabled = false where id = 1", rows: "1000"),
        HotStatement(
            "hasten_receipts", ["30", "200", "20"], setUp: "insert into outrider.gateways (id) values ('g')",
            mayWalk: ["gateways"]),
        HotStatement(
            "suppress", ["(" + jobs(of: "6") + ")[1]", "'{sms,voice}'", "'r'", "'s'", "null", "1", "'{marketing}'"],
            rows: "2"),
        HotStatement(
            "store_inbound",
            [
                many("'SM-in' || n", 100), many("'sms'", 100), many("'+1666' || lpad(n::text, 7, '0')", 100),
                many("'+15550000001'", 100), many("case when n % 2 = 0 then 'stop' end", 100), many(present, 100),
            ], rows: "100", touched: 1000, mayWalk: ["catch_ups"]),
    ]

    /// What a gateway runs, for providers and for the page.
    static let ofGateways: [HotStatement] = [
        HotStatement(
            "store_receipts",
            [
                jobs(of: "6"), many("1"),
                tokens(of: "6"),
                many("'delivered'"), many("'delivered'"), many("null::text"), many("null::text"), many("'SM' || n"),
                many("null::text"), many("true"), many("null::text"), many("null::text"), many("null::text"), "30",
                many("0"), many("true"), many("null::text"), many("'sms'"),
            ], touched: 80),
        HotStatement(
            "store_inbound",
            [
                many("'SM-in' || n", 100), many("'sms'", 100), many("'+1666' || lpad(n::text, 7, '0')", 100),
                many("'+15550000001'", 100), many("case when n % 2 = 0 then 'stop' end", 100),
                many("null::bigint", 100),
            ], rows: "100", touched: 1000, mayWalk: ["catch_ups"]),
        HotStatement("lock_words", [many("'+1666' || n", 100)], rows: "100"),
        HotStatement("job_by_id", ["(" + jobs(of: "6") + ")[1]"], rows: "1", pages: 60),
        HotStatement("timeline", ["(" + jobs(of: "6") + ")[1]"], rows: "1", pages: 400),
        HotStatement("recent_jobs", ["50"], rows: "50", touched: 60),
        HotStatement(
            "oldest_overdue", rows: "(select count(distinct lane) from outrider.due)", mayWalk: ["due"]),
        HotStatement(
            "outcome_counts", ["20000"],
            rows: "(select count(*) from outrider.events where kind = 'outcome' and at > now() - interval '24 hours')"
        ),
        HotStatement("doubt_counts", ["10000"], rows: "1", pages: 100),
        HotStatement(
            "held_count", ["10000"], rows: "(select count(*) from outrider.events where kind = 'held')",
            mayWalk: ["events"]),
        HotStatement(
            "due_counts", ["10000", "60000", "40000", "1000"], rows: "(select count(*) from outrider.due)",
            mayWalk: ["due", "lanes"]),
        HotStatement("suppression_counts", ["20000"], rows: "20000", mayWalk: ["suppressions", "suppression_tallies"]),
        HotStatement(
            "condition", rows: "1", pages: 100, touched: 100, mayWalk: ["workers", "gateways", "schema_migrations"]),
        HotStatement("sender_states", rows: "1", pages: 100, mayWalk: ["senders"]),
        HotStatement("reported_troubles", rows: "1", pages: 100, mayWalk: ["troubles"]),
        HotStatement("leased_count", rows: "1", mayWalk: ["leases"]),
        HotStatement("live_workers", rows: "1", mayWalk: ["workers"]),
        HotStatement("schema_answers", rows: "1", mayWalk: ["workers"]),
    ]
}
