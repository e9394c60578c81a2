import Delivery
import Postgres
import Testing

@testable import JobQueue

@Suite("Templates, as they are saved and asked for", .timeLimit(.minutes(2)))
struct TemplateTests {
    private static func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "''") + "'" }

    /// Those that are unusual need nothing by the database's reading: a worker decides.
    static let readings: [(text: String, isUnusual: Bool)] = [
        ("Hello", false), ("Hello {{name}}, {{ name }} and {{{a.b}}} {{&c}} {{& d }}", false),
        ("{{upper(first)}} {{lower( second )}} {{a.b.c}}", false), ("{{#s}}{{x}}{{/s}}{{^t}}{{y}}{{/t}} {{z}}", false),
        ("{{/s}}{{a}}{{#s}}{{b}}", false), ("{{!note}}{{%x}}{{}}{{.}}{{größe}}", false), ("{{a", false),
        ("{{{a}}", false), ("a}}b{{c}}", false), ("{{{a}}}{{b}}", false), ("{{=<% %>=}}<% a %>", true),
        ("{{ #x }}{{y}}", true), ("{{a\u{A0}b}}", true),
    ]

    @Test("the database finds the keys that a text needs as a worker does, and never more", arguments: readings)
    func needs(reading: (text: String, isUnusual: Bool)) async throws {
        try await TestQueue.with { queue in
            let found = try await queue.texts(
                "SELECT unnest(outrider.needed_names(\(Self.quoted(reading.text)))) AS v"
            ).compactMap(\.self)
            #expect(found == (reading.isUnusual ? [] : PlaceholderScan(reading.text).names))
        }
    }

    private static let order = """
        INSERT INTO outrider.templates (name, channel, locale, body) VALUES
            ('order', 'sms', '', 'Order {{order.id}} for {{name}}'), ('order', 'sms', 'de', 'Bestellung {{nummer}}'),
            ('order', 'voice', '', 'An order for {{name}}, {{pump}}');
        INSERT INTO outrider.templates (name, channel, body, content_sid, content_variables) VALUES
            ('offer', 'whatsapp', 'Hello {{name}} {{day}}', 'HX00000000000000000000000000000000', '{name,code}');
        """

    @Test(
        "a job whose text lacks a value is refused when it is inserted, by the text that it would get; nothing that could be sent is",
        arguments: [
            ("'sms', '+15550000001', 'order', '{}', 'en'", "needs \"name\""),
            (
                "'sms', '+15550000001', 'order', '{\"name\": \"Ann\", \"order\": {\"id\": null}}', 'en'",
                "needs \"order.id\""
            ),
            ("'sms', '+15550000001', 'order', '{\"name\": \"\", \"order\": {\"id\": 7}}', 'en'", nil),
            ("'sms', '+15550000001', 'order', '{\"nummer\": 7}', 'de-AT'", nil),
            ("'sms', '+15550000001', 'order', '{\"name\": \"Ann\"}', 'de'", "needs \"nummer\""),
            ("'voice', '+15550000001', 'order', '{\"name\": \"Ann\"}', 'en'", "needs \"pump\""),
            // Its own text, or the approved one: what both need.
            ("'whatsapp', '+15550000001', 'offer', '{}', 'en'", "needs \"name\""),
            ("'whatsapp', '+15550000001', 'offer', '{\"name\": \"Ann\"}', 'en'", nil),
        ])
    func refused(values: String, words: String?) async throws {
        try await TestQueue.with { queue in
            try await queue.run(Self.order)
            let insert =
                "INSERT INTO outrider.jobs (channel, address, template, data, locale) VALUES (\(values))"
            do {
                try await queue.run(insert)
                #expect(words == nil, "\(values)")
            } catch let error as PostgresError {
                let said = error.description
                #expect(said.contains("data_must_have_what_its_text_needs"), "\(said)")
                #expect(said.contains(try #require(words, "\(said)")), "\(said)")
            }
        }
    }

    @Test(
        "of a ladder only what each text needs is asked for; one row refuses the statement; who is asked again is not asked for it"
    )
    func ladders() async throws {
        try await TestQueue.with { queue in
            try await queue.run(Self.order)
            let insert = "INSERT INTO outrider.jobs (kind, ladder, phone, template, data) VALUES "
            try await queue.run(insert + "('notify', 'standard', '+15550000001', 'order', '{\"name\": \"Ann\"}')")
            await #expect(throws: PostgresError.self) {
                try await queue.run(
                    insert + "('notify', 'standard', '+15550000001', 'order', '{\"name\": \"Ann\"}'),"
                        + "('notify', 'standard', '+15550000001', 'order', '{\"pump\": 3}')")
            }
            try await queue.run("SELECT outrider.cancel(1); UPDATE outrider.templates SET body = body || ' {{more}}'")
            #expect(try await queue.texts("SELECT outrider.retry(1)::text AS v").count == 1)
            #expect(try await queue.count("outrider.jobs") == 2)
            #expect(
                try await queue.texts(
                    "SELECT array_to_string(needs, ' ') AS v FROM outrider.templates WHERE locale = 'de'")
                    == ["nummer more"])
        }
    }

    @Test("what is sealed nobody can read here, so nothing is asked of it")
    func sealed() async throws {
        try await TestQueue.with { queue in
            try await queue.run(Self.order)
            let box = String(repeating: "a", count: 60)
            try await queue.run(
                "INSERT INTO outrider.jobs (channel, address, template, sealed) VALUES ('sms', '+15550000001', 'order', 'v1.k1.\(box)')"
            )
            #expect(try await queue.count("outrider.jobs") == 1)
        }
    }

    @Test("people of a campaign whose text lacks a value are refused by name of the key, in each language and variant")
    func people() async throws {
        try await TestQueue.with { queue in
            try await queue.run(Self.order)
            try await queue.run(
                """
                SELECT outrider.create_campaign('spring', channel => 'sms', category => 'transactional', data => '{"name": "friend"}', variants => '[
                    {"name": "a", "percent": 50, "template": "order", "data": {"order": {"id": 1}}}, {"name": "b", "percent": 50, "template": "order"}]')
                """)
            let problems = try await queue.texts(
                """
                SELECT coalesce(p, '-') || CASE WHEN n <= 200 THEN (SELECT variant FROM outrider.variant_ranges(1) v WHERE outrider.person_share(1, 'k' || n) BETWEEN v.from_share AND v.below - 1) ELSE '' END AS v
                  FROM unnest((SELECT outrider.audience_problems(d, array_agg(n::text), array_agg('+4860000' || (1000 + n)), array_agg(null::text),
                                      array_agg(CASE WHEN n > 200 THEN 'de' END), array_agg(null::text), array_agg('{}'::text))
                                 FROM outrider.campaign_definitions d, generate_series(1, 210) n GROUP BY d)) WITH ORDINALITY AS u (p, n)
                """
            ).compactMap(\.self)
            #expect(Set(problems) == ["-a", "data has no key \"order.id\"b", "data has no key \"nummer\""])
            #expect(problems.filter { $0.contains("nummer") }.count == 10)
        }
    }

    static let hints: [(text: String, locale: String, isHint: Bool)] = [
        ("Sale! Reply STOP to end", "en", true), ("Sale! STOP ends.", "en", true), ("text stop to 12345", "en", true),
        ("Stop to opt-out", "en-GB", true), ("non-stop fun", "en", false), ("NON STOP FUN", "en", false),
        ("Stop by our shop", "en", false), ("STOP BY OUR SHOP", "en", false), ("Don’t STOP!", "en", false),
        ("Next stop: spring", "en", false), ("Antworten Sie mit STOP", "de", true), ("Abmelden: x.de", "de", true),
        ("Abmelden: x.de", "fr", false), ("Stop au 36111", "fr", true), ("Répondez ARRÊT", "fr", true),
        ("Pour vous désabonner : x.fr", "fr", true), ("Responde BAJA", "es", true), ("Baja de precios", "es", false),
        ("BAJA DE PRECIOS", "es", false), ("Envie SAIR", "pt-BR", true), ("Rispondi STOP", "it", true),
        ("Wypisz się: x.pl", "pl", true), ("Stuur STOP", "nl", true), ("Reply ＳＴＯＰ", "en", true),
        ("Hi {{unsubscribe_url}}", "de", true), ("Hi https://x.com/unsubscribe/{{t}}", "pl", true),
        ("Konec: STOP", "cs", true), ("Hello", "", false),
    ]

    @Test(
        "a text says how to stop by words of its language, a link or a placeholder, and not by any word stop",
        arguments: hints)
    func hint(row: (text: String, locale: String, isHint: Bool)) async throws {
        try await TestQueue.with { queue in
            let answer = try await queue.texts(
                "SELECT outrider.has_stop_hint(\(Self.quoted(row.text)), '\(row.locale)')::text AS v")
            #expect(answer == [row.isHint ? "true" : "false"])
        }
    }

    @Test("each word that counts in capitals is understood as a STOP when somebody sends it")
    func capitals() async throws {
        try await TestQueue.with { queue in
            let words = try await queue.texts("SELECT phrase AS v FROM outrider.stop_hints WHERE kind = 'capitals'")
            #expect(words.count > 15)
            for word in words.compactMap(\.self) { #expect(OptOutKeyword(message: word) == .stop, "\(word)") }
        }
    }

    @Test(
        "a link by a public shortener is found by its host alone",
        arguments: [
            ("see bit.ly/abc", "bit.ly"), ("https://BIT.ly/x", "bit.ly"), ("http://www.tinyurl.com/x.", "tinyurl.com"),
            ("(t.co/1)", "t.co"), ("T.CO!", "t.co"), ("part.co t.com x@t.co example.com/t.co orbit.ly/1 my-bit.ly", ""),
        ])
    func shorteners(text: String, found: String) async throws {
        try await TestQueue.with { queue in
            let answer = try await queue.texts(
                "SELECT array_to_string(outrider.shorteners_in('\(text)'), ' ') AS v")
            #expect(answer == [found])
        }
    }

    @Test("offers are warned of, and what is said to be none is not; a campaign's own text has the campaign's category")
    func categories() async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                """
                INSERT INTO outrider.templates (name, channel, body, category) VALUES
                    ('any', 'sms', 'Hello', null), ('code', 'sms', 'Your code', 'otp'), ('short', 'sms', 'bit.ly/1', 'otp'), ('call', 'voice', 'Hello', null);
                SELECT outrider.create_campaign('offer', channel => 'sms', template => 'code'),
                       outrider.create_campaign('news', channel => 'sms', category => 'transactional', body => 'Hello'),
                       outrider.create_campaign('good', channel => 'sms', body => 'Hello. STOP ends.'),
                       outrider.create_campaign('over', channel => 'sms', body => 'Hello');
                SELECT outrider.cancel_campaign('over', 'x');
                """)
            let doubtful = try await queue.texts(
                "SELECT concat_ws(' ', kind, name, problem) AS v FROM outrider.doubtful_texts()")
            #expect(
                doubtful == [
                    "campaign offer says an offer without how to stop",
                    "template any says an offer without how to stop",
                    "template short has a link by bit.ly",
                ])
            #expect(try await queue.texts("SELECT template AS v FROM outrider.campaign_warnings('offer')") == ["code"])
            #expect(
                try await queue.texts(
                    "SELECT category AS v FROM outrider.templates WHERE name LIKE 'outrider.campaign/%' ORDER BY name")
                    == ["transactional", "marketing", "marketing"])
        }
    }
}
