import JobQueue
import Postgres

/// A statement after its snapshot: what it will write, and what it holds until then.
struct Transaction<Value: Sendable>: Sendable {
    /// Writes, and says what the statement answers.
    var commit: @Sendable (inout World) -> Value
    /// Gives back locks; also called after a commit.
    var release: @Sendable (inout World) -> Void = { _ in }
}

/// How one call to the database goes.
struct Route: Sendable {
    /// To the statement's snapshot.
    var departure: Time
    /// From there to the commit.
    var work: Time
    /// From there to the caller.
    var reply: Time
    var fate: Fate

    enum Fate: Sendable {
        case well
        /// The connection breaks before the statement runs, and the caller knows it.
        case refused
        /// The answer is lost: the statement ran.
        case unheard
        /// The connection breaks under the statement, which is rolled back; the caller cannot know.
        case rolledBack
    }
}

extension StoreError {
    /// The connection broke; the statement may have run.
    static let lost = StoreError.database(.connectionLost("the connection broke", .unknown))
    /// Nothing was done.
    static let unsent = StoreError.database(.connectionLost("there is no connection", .none))
}

extension World {
    /// The client's own deadline for a call.
    static let callDeadline = Time.seconds(10)

    /// Runs a statement; `done` hears of it, and what it hears first is the answer.
    mutating func run<Value: Sendable>(
        _ route: Route, _ begin: @escaping @Sendable (inout World) -> Transaction<Value>,
        then done: @escaping @Sendable (inout World, Result<Value, StoreError>) -> Void
    ) {
        if route.departure + route.work + route.reply > Self.callDeadline {
            after(Self.callDeadline) { done(&$0, .failure(.database(.deadlinePassed(.unknown)))) }
        }
        after(route.departure) { world in
            guard !world.database.isDown, route.fate != .refused else { return done(&world, .failure(.unsent)) }
            let id = world.database.beginTransaction()
            let transaction = begin(&world)
            world.finish(id, transaction, route, then: done)
        }
    }

    /// The second moment of a statement: the commit, and the way of its answer.
    mutating func finish<Value: Sendable>(
        _ id: UInt64, _ transaction: Transaction<Value>, _ route: Route,
        then done: @escaping @Sendable (inout World, Result<Value, StoreError>) -> Void
    ) {
        let life = database.life
        if route.fate != .rolledBack { database.prepare(id) { _ = transaction.commit(&$0) } }
        after(route.work) { world in
            guard world.database.life == life else { return done(&world, .failure(.lost)) }
            defer {
                transaction.release(&world)
                world.database.endTransaction(id)
            }
            guard route.fate != .rolledBack else { return done(&world, .failure(.lost)) }
            let value = transaction.commit(&world)
            guard route.fate != .unheard else { return done(&world, .failure(.lost)) }
            world.after(route.reply) { done(&$0, .success(value)) }
        }
    }
}
