import JobQueue
import Testing

@Suite("What operators decide about opt-outs", .timeLimit(.minutes(5)))
struct OptOutTests {
    @Test(
        "who allows contact again is kept with the reason, by the login and the person; a tenant and a category narrow it"
    )
    func lifted() async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                """
                SELECT outrider.suppress('+15550000009', '{sms}', 'letter', tenant, category)
                  FROM (VALUES ('shop', 'marketing'), ('shop', ''), ('club', 'marketing'), ('', '')) AS t (tenant, category)
                """)
            func inForce() async throws -> [String?] {
                try await queue.texts(
                    "SELECT tenant || '/' || category AS v FROM outrider.suppressions WHERE lifted_at IS NULL ORDER BY id"
                )
            }
            try await queue.run(
                "SELECT outrider.lift_suppression('+15550000009', NULL, ' by phone ', 'shop', 'marketing')")
            #expect(try await inForce() == ["shop/", "club/marketing", "/"])
            try await queue.run("SELECT outrider.lift_suppression('+15550000009', '{sms}', 'again', tenant => '')")
            #expect(try await inForce() == ["shop/", "club/marketing"])
            try await queue.run(
                "SELECT outrider.act_for('ann', 'click 1'), outrider.lift_suppression('+15550000009', '{sms}')")
            #expect(try await inForce() == [])
            let kept = try await queue.texts(
                """
                SELECT replace(lifted_by, session_user, 'login') || ': ' || lift_reason AS v FROM outrider.suppressions ORDER BY id
                """)
            #expect(
                kept == [
                    "operator login: by phone", "operator ann, by login: not said", "operator ann, by login: not said",
                    "operator login: again",
                ])
        }
    }

    @Test("suppressing again for another tenant or category adds, for the same one it does not")
    func scopes() async throws {
        try await TestQueue.with { queue async throws in
            func suppress(_ scope: String) async throws -> [String?] {
                try await queue.texts(
                    "SELECT outrider.suppress('+15550000009', '{sms}', 'letter', \(scope))::text AS v")
            }
            for scope in ["''", "'shop'", "'shop', 'otp'", "'', 'otp'", "'club', 'otp'"] {
                #expect(try await suppress(scope) == ["1"], "\(scope)")
                #expect(try await suppress(scope) == ["0"], "\(scope)")
            }
            #expect(try await suppress("NULL, NULL") == ["0"], "nobody named is everybody")
        }
    }

    @Test("what a setting of the same moment says last counts, and who set it is kept")
    func scopeOfStop() async throws {
        try await TestQueue.with { queue in
            let categories = { (tenant: String, hours: Int) in
                try await queue.texts(
                    "SELECT outrider.stop_categories('\(tenant)', now() + interval '\(hours) hours')::text AS v")
            }
            #expect(try await categories("shop", 0) == [#"{""}"#])
            try await queue.run(
                """
                SELECT outrider.act_for('ann', 'click 1');
                SELECT outrider.set_opt_out_scope('', 'program', now() + interval '2 hours'),
                       outrider.set_opt_out_scope('shop', 'program', now() + interval '4 hours'),
                       outrider.set_opt_out_scope('shop', 'everything', now() + interval '4 hours')
                """)
            #expect(try await categories("shop", 1) == [#"{""}"#], "not yet")
            #expect(try await categories("shop", 3) == ["{marketing,transactional}"], "that of all")
            #expect(try await categories("shop", 5) == [#"{""}"#], "its own")
            #expect(try await categories("club", 5) == ["{marketing,transactional}"])
            #expect(try await queue.texts("SELECT DISTINCT person AS v FROM outrider.opt_out_scopes") == ["ann"])
        }
    }
}
