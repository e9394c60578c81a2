import Postgres
import TestDatabase
import Testing

@Suite("Listening", .timeLimit(.minutes(5)))
struct ListenerTests {
    @Test("notifications arrive, equal ones once, and again after the connection was ended")
    func survives() async throws {
        let url = try await PostgresServer.freshDatabase()
        let backends = Backends(url: url)
        let listener = PostgresListener(
            PostgresConfiguration(url: url, applicationName: "listener"), channels: ["jobs", "odd \"name\""])
        let running = Task { await listener.run() }
        var elements = listener.notifications.makeAsyncIterator()
        #expect(await elements.next() == .reconnected)
        try await backends.pool.run(script: "NOTIFY jobs, 'a'")
        #expect(await elements.next() == .notification(channel: "jobs", payload: "a"))
        try await backends.pool.run(script: "NOTIFY \"odd \"\"name\"\"\"")
        #expect(await elements.next() == .notification(channel: "odd \"name\"", payload: ""))

        try await backends.terminate("listener")
        #expect(await elements.next() == .reconnected)
        try await backends.pool.run(script: "NOTIFY jobs, 'b'")
        #expect(await elements.next() == .notification(channel: "jobs", payload: "b"))

        running.cancel()
        await running.value
        #expect(await elements.next() == nil)
        await backends.pool.close()
    }
}
