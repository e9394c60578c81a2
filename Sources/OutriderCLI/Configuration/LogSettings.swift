import Logging

/// What is logged to standard error, and how.
struct LogSettings: Sendable {
    enum Format: String, CaseIterable, Sendable {
        case text
        case json
    }

    let level: Logger.Level
    let format: Format

    init?(_ reader: inout SettingsReader) {
        let level = reader.value("OUTRIDER_LOG_LEVEL", SettingShape<Logger.Level>.oneOf, default: .info)
        let format = reader.value("OUTRIDER_LOG_FORMAT", SettingShape<Format>.oneOf, default: .text)
        guard let level, let format else { return nil }
        (self.level, self.format) = (level, format)
    }
}
