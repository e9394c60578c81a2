import Delivery
import Foundation
import Logging

/// Writes one line per event to standard error.
struct LineLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level
    var metadataProvider: Logger.MetadataProvider?
    let label: String
    let format: LogSettings.Format
    private let names: AddressNames

    init(label: String, settings: LogSettings) {
        self.label = label
        logLevel = settings.level
        format = settings.format
        names = settings.names
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let own = metadata.merging(metadataProvider?.get() ?? [:]) { _, new in new }
        var all = own.merging(event.metadata ?? [:]) { _, new in new }
        // The type alone: an error's own words may hold what a log must not.
        if let error = event.error { all["error.type"] = "\(type(of: error))" }
        let line = LogLine(
            time: .now, level: event.level, label: label, message: "\(event.message)", metadata: all, names: names)
        Console.note(format == .json ? line.json : line.text)
    }

    /// Makes it the handler of every logger, the libraries' included.
    static func install(_ settings: LogSettings) {
        LoggingSystem.bootstrap { LineLogHandler(label: $0, settings: settings) }
        let logger = Logger(label: "outrider.settings")
        for sentence in Environment.takeUnknown() {
            logger.warning("A setting that nobody knows", metadata: ["setting": "\(sentence)"])
        }
    }
}

/// What is logged to standard error, and how.
struct LogSettings: Sendable {
    enum Format: String, CaseIterable, Sendable {
        case text
        case json
    }

    let level: Logger.Level
    let format: Format
    /// How a person is called.
    let names: AddressNames

    init?(_ reader: inout SettingsReader) {
        let level = reader.value("OUTRIDER_LOG_LEVEL", SettingShape<Logger.Level>.oneOf, default: .info)
        let format = reader.value("OUTRIDER_LOG_FORMAT", SettingShape<Format>.oneOf, default: .text)
        names = HashSettings(&reader).names
        guard let level, let format else { return nil }
        (self.level, self.format) = (level, format)
    }
}
