/// The spellings of one webhook URL that Twilio may have signed.
///
/// Twilio's back end is not consistent: SMS over HTTPS keeps the port, Voice over HTTPS drops it. A default port may be
/// written out (Twilio's "Webhooks Security" page and its official validators, which try both).
public struct SignedURL: Equatable, Sendable {
    /// With the port, 443 or 80 added when the URL has none.
    public let withPort: String
    /// Without any port.
    public let withoutPort: String
    /// As given, but without user, password and fragment, which Twilio never signs.
    public let asGiven: String

    /// Splits `url` by bytes: nothing is decoded, re-encoded or normalised, because the signature covers the bytes.
    public init(_ url: String) {
        let bytes = Array(url.utf8.prefix { $0 != UInt8(ascii: "#") })
        let text = { (parts: [ArraySlice<UInt8>]) in String(decoding: parts.joined(), as: UTF8.self) }
        guard let authority = SignedURL.authority(in: bytes) else {
            (withPort, withoutPort, asGiven) = (text([bytes[...]]), text([bytes[...]]), text([bytes[...]]))
            return
        }
        let scheme = bytes[..<authority.lowerBound]
        let hostAndPort = SignedURL.dropUserInfo(bytes[authority])
        let rest = bytes[authority.upperBound...]
        let host = SignedURL.dropPort(hostAndPort)
        let isHTTPS = text([scheme]).lowercased() == "https://"
        let port = [UInt8]((isHTTPS ? ":443" : ":80").utf8)
        asGiven = text([scheme, hostAndPort, rest])
        withoutPort = text([scheme, host, rest])
        withPort = host.count < hostAndPort.count ? asGiven : text([scheme, host, port[...], rest])
    }

    private static func authority(in url: [UInt8]) -> Range<Int>? {
        guard let colon = url.firstIndex(of: UInt8(ascii: ":")), url[colon...].starts(with: Array("://".utf8)) else {
            return nil
        }
        let start = colon + 3
        let end = url[start...].firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? url.endIndex
        return start..<end
    }

    private static func dropUserInfo(_ authority: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard let at = authority.lastIndex(of: UInt8(ascii: "@")) else { return authority }
        return authority[(at + 1)...]
    }

    private static func dropPort(_ hostAndPort: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard let colon = hostAndPort.lastIndex(of: UInt8(ascii: ":")) else { return hostAndPort }
        let isInsideIPv6 = hostAndPort[colon...].contains(UInt8(ascii: "]"))
        return isInsideIPv6 ? hostAndPort : hostAndPort[..<colon]
    }
}
