/// The language and voice of a spoken message, as Twilio's `<Say>` takes them.
///
/// An invalid pair of voice and language makes `<Say>` fail, so a voice is named only where a documented or
/// widely used pair exists (docs: voice/twiml/say/text-speech); elsewhere the account's default voice for the language
/// speaks.
public struct SpokenLanguage: Sendable, Hashable {
    /// A Twilio language value such as `pl-PL`.
    public let language: String
    /// A Twilio voice such as `Polly.Ewa`, nil for the account's default.
    public let voice: String?

    /// A pair chosen by the caller, such as a template's own. The values are escaped when written, not checked.
    public init(language: String, voice: String? = nil) {
        self.language = language
        self.voice = voice
    }

    /// English of the United States, spoken when a locale is missing or not in the table.
    public static let fallback = SpokenLanguage(language: "en-US", voice: "Polly.Joanna")

    /// The best match for a locale such as `pl`, `pl-PL`, `pl_PL` or `pt-Latn-BR`: language and region, else the first
    /// region listed for the language, else `fallback`.
    public init(locale: String) {
        let subtags = locale.split { $0 == "-" || $0 == "_" }.map { $0.lowercased() }
        let language = subtags.first.map { $0 == "no" || $0 == "nn" ? "nb" : $0 }
        let region = subtags.dropFirst().first { $0.utf8.count == 2 }
        let candidates = Self.table.filter { Self.parts($0).language == language }
        self = candidates.first { Self.parts($0).region == region } ?? candidates.first ?? Self.fallback
    }

    /// In each language the first entry serves a locale without a region, or with a region that is not listed.
    static let table: [SpokenLanguage] = [
        fallback,
        SpokenLanguage(language: "en-GB", voice: "Polly.Amy"),
        SpokenLanguage(language: "en-AU"),
        SpokenLanguage(language: "en-IN"),
        SpokenLanguage(language: "pl-PL", voice: "Polly.Ewa"),
        SpokenLanguage(language: "de-DE", voice: "Polly.Vicki"),
        SpokenLanguage(language: "fr-FR"),
        SpokenLanguage(language: "fr-CA"),
        SpokenLanguage(language: "es-ES"),
        SpokenLanguage(language: "es-MX"),
        SpokenLanguage(language: "es-US"),
        SpokenLanguage(language: "pt-BR"),
        SpokenLanguage(language: "pt-PT"),
        SpokenLanguage(language: "it-IT"),
        SpokenLanguage(language: "nl-NL"),
        SpokenLanguage(language: "da-DK"),
        SpokenLanguage(language: "sv-SE"),
        SpokenLanguage(language: "nb-NO"),
        SpokenLanguage(language: "fi-FI"),
        SpokenLanguage(language: "cs-CZ"),
        SpokenLanguage(language: "ro-RO"),
        SpokenLanguage(language: "ru-RU"),
        SpokenLanguage(language: "uk-UA"),
        SpokenLanguage(language: "tr-TR"),
        SpokenLanguage(language: "ja-JP"),
        SpokenLanguage(language: "ko-KR"),
    ]

    private static func parts(_ entry: SpokenLanguage) -> (language: String, region: String) {
        let parts = entry.language.split(separator: "-").map { $0.lowercased() }
        return (parts[0], parts[1])
    }
}
