import CLibPQ

/// One host of the connection string, as libpq keywords and values.
///
/// libpq's own timeout per host works only in its blocking connect, so the hosts are tried one by one, each with a deadline.
struct ConnectionTarget: Sendable {
    var keywords: [(name: String, value: String)]

    /// Every host of the URL in order, with our defaults for what the URL leaves open.
    static func all(of configuration: PostgresConfiguration) throws(PostgresError) -> [ConnectionTarget] {
        let given = try parse(configuration.url)
        let hosts = split(given["host"])
        let addresses = split(given["hostaddr"])
        let ports = split(given["port"])
        let count = max(hosts.count, addresses.count, 1)
        guard ports.count <= 1 || ports.count == count, hosts.count <= 1 || hosts.count == count,
            addresses.isEmpty || addresses.count == count
        else { throw .configuration("the database URL names different numbers of hosts and ports") }

        guard ports.allSatisfy({ $0.isEmpty || UInt16($0) != nil }) else {
            throw .configuration("the database URL holds a port that is not a number from 1 to 65535")
        }
        var common = defaults(of: configuration).merging(given) { _, given in given }
        common["application_name"] = given["application_name"] ?? configuration.applicationName
        return (0..<count).map { index in
            var keywords = common
            keywords["host"] = element(index, of: hosts)
            keywords["hostaddr"] = element(index, of: addresses)
            keywords["port"] = element(index, of: ports)
            return ConnectionTarget(keywords: keywords.map { ($0.key, $0.value) })
        }
    }

    private static func defaults(of configuration: PostgresConfiguration) -> [String: String] {
        let idle = max(1, configuration.keepaliveIdle.milliseconds / 1_000)
        return [
            "tcp_user_timeout": String(configuration.tcpUserTimeout.milliseconds),
            "keepalives_idle": String(idle),
            "keepalives_interval": String(max(1, idle / 3)),
            "keepalives_count": "3",
            "client_encoding": "UTF8",
        ]
    }

    /// libpq's message is dropped: it quotes the part of the URL it could not read, which may be the password.
    private static func parse(_ url: String) throws(PostgresError) -> [String: String] {
        var message: UnsafeMutablePointer<CChar>?
        let options = unsafe PQconninfoParse(url, &message)
        defer { unsafe PQfreemem(message) }
        guard let options = unsafe options else {
            throw .configuration(
                "the database URL cannot be read: expected postgresql://user@host:port/database or libpq keywords")
        }
        defer { unsafe PQconninfoFree(options) }
        var values: [String: String] = [:]
        var option = unsafe options
        while let keyword = unsafe option.pointee.keyword {
            if let value = unsafe option.pointee.val {
                unsafe values[String(cString: keyword)] = unsafe String(cString: value)
            }
            unsafe option += 1
        }
        return values
    }

    private static func split(_ list: String?) -> [String] {
        guard let list, !list.isEmpty else { return [] }
        return list.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }

    private static func element(_ index: Int, of list: [String]) -> String? {
        let value = list.count == 1 ? list[0] : index < list.count ? list[index] : ""
        return value.isEmpty ? nil : value
    }
}
