import Foundation
import TestDatabase
import Testing

/// Ways in which the rows of one database come into another, by PostgreSQL's own programs.
enum Copy: String, CaseIterable, Sendable {
    case plain, custom, directory
    /// The rows alone, into a database that was migrated.
    case rowsAlone = "rows alone"
    /// The same with triggers off, as replication brings rows.
    case rowsAsReplica = "rows alone, in the role of a replica"
    /// The dump takes the place of the database it is of.
    case inPlace = "in place"
    case template

    /// - Returns: the URL of the copy. Nobody may be connected to the source.
    func make(of source: String) async throws -> String {
        let copy: String
        switch self {
        case .plain, .custom, .directory: copy = try await PostgresServer.freshDatabase()
        case .rowsAlone, .rowsAsReplica: copy = try await PostgresServer.migratedDatabase()
        case .inPlace: copy = source
        case .template: copy = source + "_copy"
        }
        try await Shell.run(Self.binaries + script, source, copy)
        return copy
    }

    private var script: String {
        switch self {
        case .plain: #""$bin/pg_dump" "$1" | psql "$2""#
        case .custom: #""$bin/pg_dump" -Fc "$1" | "$bin/pg_restore" --exit-on-error -d "$2""#
        case .directory:
            #"d=$(mktemp -d); "$bin/pg_dump" -Fd -j 2 -f "$d/x" "$1"; "$bin/pg_restore" --exit-on-error -j 2 -d "$2" "$d/x"; rm -r "$d""#
        case .rowsAlone:
            #""$bin/pg_dump" -Fc --data-only "$1" 2>/dev/null | "$bin/pg_restore" --exit-on-error --data-only -d "$2""#
        case .rowsAsReplica:
            #"{ echo 'set session_replication_role = replica;'; "$bin/pg_dump" --data-only "$1" 2>/dev/null; } | psql "$2""#
        case .inPlace:
            #"d=$(mktemp); "$bin/pg_dump" -Fc -f "$d" "$1"; psql "$2" -c "drop schema outrider cascade"; "$bin/pg_restore" --exit-on-error -d "$2" "$d"; rm "$d""#
        case .template: #"psql "${1%/*}/postgres" -c "create database \"${2##*/}\" template \"${1##*/}\"""#
        }
    }

    private static let binaries = """
        set -e
        bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
        [ -n "$bin" ] || bin=$(dirname "$(command -v pg_dump)")
        psql() { database=$1; shift; "$bin/psql" -X -q -v ON_ERROR_STOP=1 -d "$database" "$@" >/dev/null; }

        """
}

/// A script of the shell, with arguments.
enum Shell {
    struct Failed: Error, CustomStringConvertible { var description: String }

    static func run(_ script: String, _ arguments: String...) async throws {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/bash")
        process.arguments = ["-o", "pipefail", "-c", script, "bash"] + arguments
        let errors = Pipe()
        process.standardError = errors
        let status = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        guard status == 0 else {
            let said = try errors.fileHandleForReading.readToEnd() ?? Data()
            throw Failed(description: String(decoding: said.prefix(2_000), as: UTF8.self))
        }
    }
}
