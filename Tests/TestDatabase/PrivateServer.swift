import Foundation

/// A PostgreSQL of one's own on 127.0.0.1, in a temporary directory. It stops when this value goes, or when this process ends,
/// however it ends.
public final class PrivateServer: Sendable {
    struct SetUpError: Error, CustomStringConvertible { var description: String }

    /// Of a superuser, to the database `postgres`.
    public let url: String
    /// Where its data and its log are.
    private let directory: String
    /// Keeps the write end of the guard's pipe: its end is what stops the cluster.
    private let guardPipe = Pipe()

    public init() throws {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", Self.script]
        process.standardInput = guardPipe.fileHandleForReading
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        var line = Data()
        while line.last != UInt8(ascii: "\n") {
            guard let byte = try output.fileHandleForReading.read(upToCount: 1), !byte.isEmpty else {
                throw SetUpError(description: "no private PostgreSQL could be started; are its binaries installed?")
            }
            line.append(byte)
        }
        let words = String(decoding: line.dropLast(), as: UTF8.self).split(separator: " ").map { String($0) }
        guard words.count == 2 else { throw SetUpError(description: "no URL and directory were printed") }
        (url, directory) = (words[0], words[1])
    }

    deinit { try? guardPipe.fileHandleForWriting.close() }

    /// What the server has logged so far.
    public func log() throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: directory + "/log")), as: UTF8.self)
    }

    /// Starts a cluster, prints its URL and its directory, waits for the end of standard input, then stops it. PostgreSQL
    /// refuses to run as root, so root runs it as `postgres`.
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
                echo "postgresql://postgres@127.0.0.1:$port/postgres $dir"
                read -r _ || :
                exit 0
            fi
        done
        exit 1
        """#
}
