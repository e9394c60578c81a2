/// The address at which providers reach the gateway. The gateway checks signatures with it, the worker puts it into
/// callback URLs.
enum PublicAddress {
    static let name = "OUTRIDER_PUBLIC_URL"
    static let remedy =
        "Set it to the address under which the providers reach the gateway, for example https://notify.example.com."

    static func required(_ reader: inout SettingsReader) -> String? {
        reader.required(name, .publicAddress, remedy: remedy)
    }

    static func optional(_ reader: inout SettingsReader) -> String? {
        reader.optional(name, .publicAddress, remedy: remedy)
    }
}
