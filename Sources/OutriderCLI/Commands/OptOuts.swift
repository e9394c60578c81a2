import ArgumentParser
import Insight
import Postgres

struct OptOuts: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "optouts",
        abstract: "Sentences of people that ask for no more messages, for you to decide.",
        discussion: """
            A word such as STOP stops everything by itself. A sentence such as "I want no more of your texts" stops marketing when \
            it comes, and waits here: whether it stops one-time passwords and alerts too, a person decides. Needs a login \
            with the role outrider_operator.

            Examples: outrider optouts list
                      outrider optouts settle 7 --stops all --reason 'wants nothing more'

            \(ExitStatus.help)
            """,
        subcommands: [OptOutList.self, OptOutSettle.self])
}

struct OptOutList: OutriderCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the sentences that nobody has decided, the oldest first.",
        discussion: """
            Each comes with what the person wrote, at most 500 characters, and with the shape of the number.

            Example: outrider optouts list --json | jq '.[] | {id, text}'

            \(ExitStatus.help)
            """)

    @Flag(help: "Print JSON.") var json = false
    @Option(help: "How many to list at most, 1 to 1000.") var limit = 100

    func validate() throws {
        guard (1...1_000).contains(limit) else { throw ValidationError("--limit is 1 to 1000.") }
    }

    func perform() async throws {
        let names = try await HashSettings.names()
        let wishes = try await DatabaseVisit.make(as: "optouts") { pool in
            try await OptOutWishes(pool, names: names).open(limit)
        }
        if json { return try Console.json(wishes) }
        guard !wishes.isEmpty else { return Console.note("No sentence waits for a decision.") }
        var table = Table("id", "asked (UTC)", "channel", "from", "to", "what the person wrote")
        for wish in wishes {
            table.add(String(wish.id), wish.askedAt, wish.channel, wish.from, wish.to, wish.text)
        }
        try Console.data(table.text)
        if wishes.count == limit { Console.note("There may be more: see --limit.") }
    }
}

struct OptOutSettle: OutriderCommand {
    static let configuration = CommandConfiguration(
        commandName: "settle",
        abstract: "Decide what a sentence stops: all, marketing or nothing.",
        discussion: """
            `all` is as a STOP: no text, call or WhatsApp message any more. `marketing` leaves it as it is. `nothing` says that \
            the sentence was misread: what it stopped is sent again. The login's name and the reason are kept. The tenants \
            are those of our number that it was sent to.

            Example: outrider optouts settle 7 --stops nothing --reason 'asks to stop at the corner'

            \(ExitStatus.help)
            """)

    @Argument(help: "The sentence's id.") var id: Int
    @Option(help: "all, marketing or nothing.", transform: verdict) var stops: WishVerdict
    @Option(help: "Why you think so, 1 to 500 characters.") var reason: String
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
        guard reason.contains(where: { !$0.isWhitespace }), reason.count <= 500 else {
            throw ValidationError("--reason is 1 to 500 characters, not only spaces.")
        }
    }

    @Sendable private static func verdict(_ word: String) throws -> WishVerdict {
        guard let verdict = WishVerdict(rawValue: word) else {
            throw ValidationError("--stops is all, marketing or nothing.")
        }
        return verdict
    }

    private struct Result: Encodable {
        let id: Int
        let stops: String
        let result: String
    }

    func perform() async throws {
        let result = try await DatabaseVisit.make(as: "optouts") { pool in try await settle(in: pool) }
        if json {
            try Console.json(Result(id: id, stops: stops.rawValue, result: result))
        } else {
            try Console.data(result)
        }
    }

    private func settle(in pool: PostgresPool) async throws -> String {
        do throws(PostgresError) {
            return try await OptOutWishes(pool).settle(id, stops: stops, reason: reason)
        } catch {
            switch error.sqlState {
            case SQLState("P0002"): throw Failure("there is no sentence \(id): see outrider optouts list", .refused)
            case SQLState("55000"): throw Failure("sentence \(id) has been decided already", .refused)
            default: throw error
            }
        }
    }
}
