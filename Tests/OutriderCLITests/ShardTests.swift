import Foundation
import Postgres
import TestDatabase
import Testing

@Suite("The number of a database", .timeLimit(.minutes(5)))
struct ShardTests {
    @Test("migrate --shard says what it did, and does it once")
    func set() async throws {
        let program = Program(environment: ["OUTRIDER_DATABASE_URL": try await PostgresServer.freshDatabase()])
        let first = try await program.run("migrate", "--shard", "31")
        #expect(first.status == 0)
        #expect(first.output.hasPrefix("applied 1 schema\n"))
        #expect(first.output.hasSuffix("\nshard 31, was 0: ids begin at 8725724278030337\n"))
        let again = try await program.run("migrate", "--shard", "31")
        #expect(again.output == "shard 31 already: nothing changed\n")
        #expect(try await program.run("migrate", "--shard", "3", "--json").output.contains(#""shard" : 3"#))
        #expect(try await program.run("migrate").output == "")
    }

    @Test("a number out of range is a wrong argument, another number after the first job is refused")
    func refused() async throws {
        let program = Program(environment: ["OUTRIDER_DATABASE_URL": try await PostgresServer.migratedDatabase()])
        for number in ["32", "-1"] {
            let result = try await program.run("migrate", "--shard=\(number)")
            #expect(result.status == 64)
            #expect(result.errors.contains("shard_must_be_0_to_31"))
        }
        #expect(try await program.run("migrate", "--dry-run", "--shard", "1").status == 64)
        let job = ["enqueue", "--channel", "sms", "--address", "+15000000001", "--body", "hello"]
        #expect(try await program.run(job).output == "1\n")
        let late = try await program.run("migrate", "--shard", "1")
        #expect(late.status == 65)
        #expect(late.errors.contains("shard_is_set_before_the_first_job: this database has jobs of shard 0"))
        #expect(try await program.run("migrate", "--shard", "0").status == 0)
    }

    @Test("doctor and status name the shard where it is not 0, and every command takes its ids")
    func shown() async throws {
        let program = Program(environment: ["OUTRIDER_DATABASE_URL": try await PostgresServer.migratedDatabase()])
        #expect(try await !program.run("doctor").output.contains("shard"))
        for arguments in [["status"], ["status", "--json"]] {
            #expect(try await !program.run(arguments).output.contains("shard"))
        }
        #expect(try await program.run("migrate", "--shard", "31").status == 0)
        #expect(try await program.run("doctor").output.contains("shard: 31 of 0 to 31; ids begin at 8725724278030337"))
        #expect(try await program.run("status").output.hasPrefix("This database is shard 31.\n"))
        #expect(try await program.run("status", "--json").output.contains(#""shard" : 31"#))

        let job = ["enqueue", "--channel", "sms", "--address", "+15000000001", "--body", "hello", "--json"]
        #expect(try await program.run(job).output.contains(#""id" : 8725724278030337"#))
        #expect(try await program.run("timeline", "8725724278030337").output.contains("job 8725724278030337, send"))
        #expect(try await program.run("status", "--json").output.contains(#""id" : 8725724278030337"#))
        #expect(try await program.run("status").output.contains("8725724278030337"))
    }

    @Test("a worker's plans are pinned, also beside a gateway; a gateway's and a command's are made for each call")
    func plans() async throws {
        var program = Program(environment: SettingsTests.complete)
        let database = try await PostgresServer.migratedDatabase()
        program.environment["OUTRIDER_DATABASE_URL"] = database
        program.environment["TWILIO_API_BASE_URL"] = "http://127.0.0.1:1"
        program.environment["SENDGRID_API_BASE_URL"] = "http://127.0.0.1:1"
        program.environment["OUTRIDER_LISTEN"] = "127.0.0.1:0"
        let pool = PostgresPool(PostgresConfiguration(url: database, poolSize: 1))
        try await pool.run(script: Self.witness)
        let plans = Statement(
            name: "test.plans",
            sql:
                "select string_agg(distinct who || ' ' || plans, ', ' order by who || ' ' || plans) as v, pg_sleep(0.05)::text from seen"
        )
        func wait(for expected: String) async throws {
            let end = ContinuousClock.now + .seconds(20)
            while try await pool.fetch(plans)[0].optionalString("v") != expected, ContinuousClock.now < end {}
            #expect(try await pool.fetch(plans)[0].optionalString("v") == expected)
            try await pool.run(script: "truncate seen")
        }

        let job = ["enqueue", "--channel", "email", "--address", "a@example.com", "--subject", "x", "--body", "hello"]
        #expect(try await program.run(job).status == 0)
        try await wait(for: "jobs force_custom_plan on")
        for (command, expected) in [
            ("work", "workers force_generic_plan off"), ("gateway", "gateways force_custom_plan on"),
            ("up", "gateways force_custom_plan on, workers force_generic_plan off"),
        ] {
            let running = try program.start(command)
            try await wait(for: expected)
            #expect(await running.terminate() == 0)
        }
        await pool.close()
    }

    /// Notes how the session plans that adds a job, a worker or a gateway.
    private static let witness = """
        create table seen (who text, plans text);
        create function note() returns trigger language plpgsql security definer as $$
        begin
            insert into public.seen values (tg_argv[0], current_setting('plan_cache_mode') || ' ' || current_setting('enable_seqscan'));
            return null;
        end $$;
        create trigger note after insert on outrider.jobs for each statement execute function note('jobs');
        create trigger note after insert on outrider.workers for each statement execute function note('workers');
        create trigger note after insert on outrider.gateways for each statement execute function note('gateways')
        """
}
