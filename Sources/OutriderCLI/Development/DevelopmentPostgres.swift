import Foundation
import Synchronization

/// A private PostgreSQL in `.outrider/postgres`, on 127.0.0.1 and a free port, for `outrider up --dev`.
///
/// A shell guards it: it stops the server when this process ends, however it ends, because it waits for the end of its
/// standard input.
final class DevelopmentPostgres: Sendable {
    let url: String
    private let input: Pipe
    private let process: Mutex<Process>

    /// - Parameter directory: made when missing; what it holds survives until the next start.
    /// - Throws: `Failure` when no server can be started.
    init(in directory: String) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", Self.script, "sh", directory]
        input = Pipe()
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        guard let url = Self.firstLine(of: output.fileHandleForReading) else {
            process.waitUntilExit()
            throw Failure(
                "no PostgreSQL could be started in \(directory). Install postgresql-15; run by root, the directory must be one "
                    + "that the user postgres can enter.", .unavailable)
        }
        self.url = url
        self.process = Mutex(process)
    }

    /// Stops the server and waits until it has stopped.
    func stop() {
        try? input.fileHandleForWriting.close()
        process.withLock { $0.waitUntilExit() }
    }

    private static func firstLine(of handle: FileHandle) -> String? {
        var line = Data()
        while let byte = try? handle.read(upToCount: 1), !byte.isEmpty {
            if byte.first == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
            line.append(byte)
        }
        return nil
    }

    /// PostgreSQL refuses to run as root, so root runs it as `postgres`.
    private static let script = #"""
        set -eu
        bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
        [ -n "$bin" ] || bin=$(dirname "$(command -v initdb)")
        mkdir -p "$1/postgres"
        cd "$1/postgres"
        dir=$PWD
        as=
        if [ "$(id -u)" -eq 0 ]; then as="runuser -u postgres --"; chown postgres .; chmod go+x ..; fi
        trap '' INT TERM HUP
        trap 'cd /; $as "$bin/pg_ctl" -D "$dir/data" -m fast -w stop >/dev/null 2>&1 || :' EXIT
        [ -f data/PG_VERSION ] || $as "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 >/dev/null
        for attempt in 1 2 3 4 5; do
            port=$(shuf -i 20000-29999 -n 1)
            if $as "$bin/pg_ctl" -D "$dir/data" -w -l "$dir/log" start >/dev/null 2>&1 \
                -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories="; then
                echo "postgresql://postgres@127.0.0.1:$port/postgres"
                cat >/dev/null
                exit 0
            fi
        done
        exit 1
        """#
}
