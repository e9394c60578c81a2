import JobQueue
import Postgres

extension World {
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

    /// The client's own deadline for a call.
    static let callDeadline = Time.seconds(10)

    /// Runs a statement; `done` hears of it exactly once, if it hears of it at all.
    mutating func run<Value: Sendable>(
        _ route: Route, _ begin: @escaping @Sendable (inout World) -> Transaction<Value>,
        then done: @escaping @Sendable (inout World, Result<Value, StoreError>) -> Void
    ) {
        let lost = StoreError.database(.connectionLost("the connection broke", .unknown))
        let unsent = StoreError.database(.connectionLost("there is no connection", .none))
        if route.departure + route.work + route.reply > Self.callDeadline {
            after(Self.callDeadline) { done(&$0, .failure(.database(.deadlinePassed(.unknown)))) }
        }
        after(route.departure) { world in
            guard !world.database.isDown, route.fate != .refused else { return done(&world, .failure(unsent)) }
            let life = world.database.life
            let id = world.database.beginTransaction()
            let transaction = begin(&world)
            if route.fate != .rolledBack { world.database.prepare(id) { _ = transaction.commit(&$0) } }
            world.after(route.work) { world in
                guard world.database.life == life else { return done(&world, .failure(lost)) }
                defer {
                    transaction.release(&world)
                    world.database.endTransaction(id)
                }
                guard route.fate != .rolledBack else { return done(&world, .failure(lost)) }
                let value = transaction.commit(&world)
                guard route.fate != .unheard else { return done(&world, .failure(lost)) }
                world.after(route.reply) { done(&$0, .success(value)) }
            }
        }
    }
}
