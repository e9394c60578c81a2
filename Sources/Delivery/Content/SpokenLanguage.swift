/// The language and voice of a spoken message, as Twilio's `<Say>` takes them.
///
/// An invalid pair of voice and language makes `<Say>` fail, and a language that a voice does not speak is read as if it were
/// English. So each language has a voice of Twilio's list (docs: voice/twiml/say/text-speech), or no call is made.
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

    /// English of the United States.
    public static let english = SpokenLanguage(language: "en-US", voice: "Polly.Joanna")

    /// The best match for a locale such as `pl`, `pl-PL`, `pl_PL`, `zh-Hant` or `pt-Latn-BR`: language and region, else the
    /// first region listed for the language. Nil when no voice speaks the language.
    public init?(locale: String) {
        let subtags = locale.unicodeScalars.split { $0 == "-" || $0 == "_" }.map { String($0).asciiLowercased }
        guard let language = subtags.first.map({ Self.otherNames[$0] ?? $0 }) else { return nil }
        let further = subtags.dropFirst()
        let region = further.first { $0.utf8.count == 2 } ?? further.lazy.compactMap { Self.scripts[$0] }.first
        if language == "zh", let region, let spoken = Self.chinese[region] {
            self = spoken
            return
        }
        let candidates = Self.table.filter { Self.parts($0).language == (language == "zh" ? "cmn" : language) }
        guard let match = candidates.first(where: { Self.parts($0).region == region }) ?? candidates.first else {
            return nil
        }
        self = match
    }

    /// Older codes, and languages that are spoken under another name.
    private static let otherNames = [
        "no": "nb", "nn": "nb", "iw": "he", "in": "id", "tl": "fil", "ar": "arb",
    ]
    /// Who writes so, where no region says more.
    private static let scripts = ["hant": "tw", "hans": "cn"]
    /// `zh` names what is written; what is spoken goes by the region.
    private static let chinese = [
        "hk": SpokenLanguage(language: "yue-HK", voice: "Google.yue-HK-Standard-A"),
        "mo": SpokenLanguage(language: "yue-HK", voice: "Google.yue-HK-Standard-A"),
        "tw": SpokenLanguage(language: "cmn-TW", voice: "Google.cmn-TW-Standard-A"),
    ]

    /// In each language the first entry serves a locale without a region, or with a region that is not listed.
    static let table: [SpokenLanguage] =
        [english]
        + [
            ("en-GB", "Polly.Amy"), ("en-AU", "Polly.Nicole"), ("en-IN", "Polly.Raveena"),
            ("pl-PL", "Polly.Ewa"), ("de-DE", "Polly.Vicki"), ("de-AT", "Polly.Hannah-Neural"),
            ("fr-FR", "Polly.Celine"), ("fr-CA", "Polly.Chantal"),
            ("es-ES", "Polly.Conchita"), ("es-MX", "Polly.Mia"), ("es-US", "Polly.Penelope"),
            ("pt-BR", "Polly.Vitoria"), ("pt-PT", "Polly.Ines"), ("it-IT", "Polly.Carla"),
            ("nl-NL", "Polly.Lotte"), ("nl-BE", "Google.nl-BE-Standard-A"), ("da-DK", "Polly.Naja"),
            ("sv-SE", "Polly.Astrid"), ("nb-NO", "Polly.Liv"), ("fi-FI", "Google.fi-FI-Standard-A"),
            ("is-IS", "Polly.Dora"), ("cy-GB", "Polly.Gwyneth"), ("cs-CZ", "Google.cs-CZ-Standard-A"),
            ("sk-SK", "Google.sk-SK-Standard-A"), ("hu-HU", "Google.hu-HU-Standard-A"), ("ro-RO", "Polly.Carmen"),
            ("bg-BG", "Google.bg-BG-Standard-A"), ("el-GR", "Google.el-GR-Standard-A"),
            ("lv-LV", "Google.lv-LV-Standard-A"), ("lt-LT", "Google.lt-LT-Standard-A"),
            ("ru-RU", "Polly.Tatyana"), ("uk-UA", "Google.uk-UA-Standard-A"), ("tr-TR", "Polly.Filiz"),
            ("ca-ES", "Google.ca-ES-Standard-A"), ("gl-ES", "Google.gl-ES-Standard-A"),
            ("eu-ES", "Google.eu-ES-Standard-A"), ("af-ZA", "Google.af-ZA-Standard-A"),
            ("arb", "Polly.Zeina"), ("he-IL", "Google.he-IL-Standard-A"), ("hi-IN", "Google.hi-IN-Standard-A"),
            ("mr-IN", "Google.mr-IN-Standard-A"), ("ta-IN", "Google.ta-IN-Standard-C"),
            ("te-IN", "Google.te-IN-Standard-A"), ("ml-IN", "Google.ml-IN-Wavenet-C"),
            ("th-TH", "Google.th-TH-Standard-A"), ("vi-VN", "Google.vi-VN-Standard-A"),
            ("id-ID", "Google.id-ID-Standard-A"), ("ms-MY", "Google.ms-MY-Standard-A"),
            ("fil-PH", "Google.fil-PH-Standard-A"), ("cmn-CN", "Polly.Zhiyu"),
            ("cmn-TW", "Google.cmn-TW-Standard-A"), ("yue-HK", "Google.yue-HK-Standard-A"),
            ("ja-JP", "Polly.Mizuki"), ("ko-KR", "Polly.Seoyeon"),
        ].map { SpokenLanguage(language: $0, voice: $1) }

    private static func parts(_ entry: SpokenLanguage) -> (language: String, region: String?) {
        let parts = entry.language.split(separator: "-").map { $0.lowercased() }
        return (parts[0], parts.count > 1 ? parts[1] : nil)
    }
}
