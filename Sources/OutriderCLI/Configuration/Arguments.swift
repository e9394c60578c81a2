import ArgumentParser

extension ListenAddress: ExpressibleByArgument {
    init?(argument: String) { self.init(argument) }

    var defaultValueDescription: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// An http(s) address as an argument.
struct WebAddress: ExpressibleByArgument {
    let text: String

    init?(argument: String) {
        guard let text = SettingShape<String>.webAddress.read(argument) else { return nil }
        self.text = text
    }
}
