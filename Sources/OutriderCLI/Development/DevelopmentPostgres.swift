import Foundation
import Synchronization

/// A private PostgreSQL on 127.0.0.1 and a free port: in `.outrider/postgres` for `outrider up --dev`, or in a directory that is
/// deleted with it.
///
/// A shell guards it: it stops the server when this process ends, however it ends, because it waits for the end of its
/// standard input.
final class DevelopmentPostgres: Sendable {
    let url: String
    private let input: Pipe
    private let process: Mutex<Process>

    /// - Parameters:
    ///   - directory: made when missing; what it holds survives until the next start.
    ///   - page: the operator page's address, for whoever finds the directory in use.
    ///   - isKept: false deletes the directory, and all in it, when the server has stopped. Nothing in it is synced to disk.
    /// - Throws: `Failure` when no server can be started, or another process uses the directory.
    init(in directory: String, page: String, isKept: Bool = true) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", Self.script, "sh", directory, page, isKept ? "keep" : "drop"]
        input = Pipe()
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        guard let url = Self.firstLine(of: output.fileHandleForReading) else {
            process.waitUntilExit()
            throw Self.failure(in: directory)
        }
        guard url.hasPrefix("postgresql://") else {
            process.waitUntilExit()
            throw Failure(
                "`outrider up --dev` runs in \(directory) already: \(url). Use it, end it, or name another --directory.",
                .unavailable)
        }
        self.url = url
        self.process = Mutex(process)
    }

    private static func failure(in directory: String) -> Failure {
        Failure(
            "no PostgreSQL could be started in \(directory). Install postgresql-15; run by root, the directory must be one "
                + "that the user postgres can enter.", .unavailable)
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

    /// PostgreSQL refuses to run as root, so root runs it as `postgres`. Whoever holds the lock may start and stop the server;
    /// anybody else prints who does. A server that runs without the lock has lost its owner.
    private static let script = #"""
        set -eu
        bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
        [ -n "$bin" ] || bin=$(dirname "$(command -v initdb)")
        mkdir -p "$1/postgres"
        cd "$1/postgres"
        dir=$PWD
        as=
        if [ "$(id -u)" -eq 0 ]; then as="runuser -u postgres --"; chown postgres .; chmod go+x ..; fi
        options=
        if [ "$3" = drop ]; then options="-c fsync=off -c synchronous_commit=off -c full_page_writes=off"; fi
        exec 9>>owner
        if ! flock -w 3 9; then cat owner; exit 1; fi
        echo "process $PPID, operator page $2" >owner
        trap '' INT TERM HUP
        finish() {
            cd /
            $as "$bin/pg_ctl" -D "$dir/data" -m fast -w stop >/dev/null 2>&1 || :
            if [ "$1" = drop ]; then rm -rf "${dir%/postgres}"; fi
        }
        trap 'finish "$3"' EXIT
        [ -f data/PG_VERSION ] || $as "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 >/dev/null 2>&1 9>&-
        $as "$bin/pg_ctl" -D "$dir/data" -m fast -w stop >/dev/null 2>&1 || :
        for attempt in 1 2 3 4 5; do
            port=$(shuf -i 20000-29999 -n 1)
            if $as "$bin/pg_ctl" -D "$dir/data" -w -l "$dir/log" start >/dev/null 2>&1 9>&- \
                -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories= $options"; then
                url="postgresql://postgres@127.0.0.1:$port/postgres"
                echo "process $PPID, operator page $2, database $url" >owner
                echo "$url"
                cat >/dev/null
                exit 0
            fi
        done
        exit 1
        """#
}
