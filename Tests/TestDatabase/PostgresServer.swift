import Foundation
import Postgres
import Schema
import Synchronization

/// A real PostgreSQL for tests: the server of `OUTRIDER_TEST_DATABASE_URL` (a superuser's URL), or a private cluster on
/// 127.0.0.1 in a temporary directory. The cluster stops when this process ends, however it ends.
public enum PostgresServer {
    struct SetUpError: Error, CustomStringConvertible { var description: String }

    /// The URL of a new, empty database. It goes with the private cluster, or stays for the server's owner to drop.
    public static func freshDatabase() async throws -> String { try url(of: await database(like: "template1")) }

    /// The URL of a new database that holds the whole schema: a copy of one that was migrated, much quicker than
    /// migrating each.
    public static func migratedDatabase() async throws -> String {
        let url = try Self.url(of: await database(like: migrated.value))
        // A copy is not the database that was migrated, and would send nothing.
        let pool = PostgresPool(PostgresConfiguration(url: url, poolSize: 1, queryDeadline: .seconds(120)))
        try await pool.run(script: "select outrider.go_on_here()")
        await pool.close()
        return url
    }

    /// Makes a database and returns its name.
    private static func database(like template: String) async throws -> String {
        let admin = PostgresPool(
            PostgresConfiguration(url: try server.get(), poolSize: 1, queryDeadline: .seconds(120)))
        let name = "outrider_test_\(UInt64.random(in: 0...UInt64.max))"
        try await admin.run(script: "create database \(name) template \(template)")
        await admin.close()
        return name
    }

    /// The name of the database that the others are copied from. Nobody stays connected to it: one in use is not copied.
    private static let migrated = Task {
        let name = try await database(like: "template1")
        let pool = PostgresPool(
            PostgresConfiguration(url: try url(of: name), poolSize: 1, queryDeadline: .seconds(120)))
        _ = try await Migrations(Schema.migrations).apply(through: pool)
        // Their providers are simulated, so messages may go to numbers of every country.
        try await pool.run(script: "update outrider.contact_settings set anywhere = true")
        await pool.close()
        return name
    }

    private static func url(of database: String) throws -> String {
        guard var parts = URLComponents(string: try server.get()) else { throw SetUpError(description: "no URL") }
        parts.path = "/" + database
        guard let url = parts.string else { throw SetUpError(description: "no URL") }
        return url
    }

    private static let server: Result<String, any Error> = Result {
        if let url = ProcessInfo.processInfo.environment["OUTRIDER_TEST_DATABASE_URL"] { return url }
        return try startCluster()
    }

    /// Keeps the write end of the guard's pipe: its end is what stops the cluster.
    private static let guardPipe = Pipe()
    private static let guardProcess = Mutex<Process?>(nil)

    private static func startCluster() throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", script]
        process.standardInput = guardPipe.fileHandleForReading
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        guardProcess.withLock { $0 = process }
        var line = Data()
        while line.last != UInt8(ascii: "\n") {
            guard let byte = try output.fileHandleForReading.read(upToCount: 1), !byte.isEmpty else {
                throw SetUpError(description: "no private PostgreSQL could be started; are its binaries installed?")
            }
            line.append(byte)
        }
        return String(decoding: line.dropLast(), as: UTF8.self)
    }

    /// Starts a cluster, prints its URL, waits for the end of standard input, then stops it. PostgreSQL refuses to run as
    /// root, so root runs it as `postgres`.
    private static let script = #"""
        set -eu
        bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
        [ -n "$bin" ] || bin=$(dirname "$(command -v initdb)")
        as=; [ "$(id -u)" -ne 0 ] || as="runuser -u postgres --"
        dir=$($as mktemp -d)
        trap 'cd /; $as "$bin/pg_ctl" -D "$dir/data" -m immediate stop >/dev/null 2>&1 || :; rm -rf "$dir"' EXIT
        trap '' INT TERM HUP
        cd "$dir"
        $as "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >/dev/null
        for attempt in 1 2 3 4 5; do
            port=$(shuf -i 20000-59999 -n 1)
            if $as "$bin/pg_ctl" -D "$dir/data" -w -l "$dir/log" start >/dev/null 2>&1 \
                -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c max_connections=400"; then
                echo "postgresql://postgres@127.0.0.1:$port/postgres"
                read -r _ || :
                exit 0
            fi
        done
        exit 1
        """#
}
