import Testing

@testable import Delivery

@Suite("Spoken languages")
struct SpokenLanguageTests {
    @Test(
        "a locale is spoken in its language, and by a voice only where the pair is known",
        arguments: [
            ("en-US", "en-US", "Polly.Joanna"),
            ("en", "en-US", "Polly.Joanna"),
            ("en-GB", "en-GB", "Polly.Amy"),
            ("en_gb", "en-GB", "Polly.Amy"),
            ("en-AU", "en-AU", "Polly.Nicole"),
            ("en-ZA", "en-US", "Polly.Joanna"),
            ("pl", "pl-PL", "Polly.Ewa"),
            ("PL-pl", "pl-PL", "Polly.Ewa"),
            ("de-CH", "de-DE", "Polly.Vicki"),
            ("fr-CA", "fr-CA", "Polly.Chantal"),
            ("fr-BE", "fr-FR", "Polly.Celine"),
            ("pt-Latn-PT", "pt-PT", "Polly.Ines"),
            ("no-NO", "nb-NO", "Polly.Liv"),
            ("nn", "nb-NO", "Polly.Liv"),
            ("zh", "cmn-CN", "Polly.Zhiyu"),
            ("zh-CN", "cmn-CN", "Polly.Zhiyu"),
            ("zh-Hant", "cmn-TW", "Google.cmn-TW-Standard-A"),
            ("zh-Hant-HK", "yue-HK", "Google.yue-HK-Standard-A"),
            ("zh-TW", "cmn-TW", "Google.cmn-TW-Standard-A"),
            ("ar", "arb", "Polly.Zeina"),
            ("ar-EG", "arb", "Polly.Zeina"),
            ("he", "he-IL", "Google.he-IL-Standard-A"),
            ("hi", "hi-IN", "Google.hi-IN-Standard-A"),
            ("th", "th-TH", "Google.th-TH-Standard-A"),
            ("el", "el-GR", "Google.el-GR-Standard-A"),
            ("hu-HU", "hu-HU", "Google.hu-HU-Standard-A"),
        ] as [(String, String, String?)])
    func locale(_ row: (locale: String, language: String, voice: String?)) {
        #expect(SpokenLanguage(locale: row.locale) == SpokenLanguage(language: row.language, voice: row.voice))
    }

    @Test(
        "a language that no voice speaks has none, and is never read by an English one",
        arguments: ["tlh", "ka", "mn-MN", "hr", "", "--", "xx", "e\u{301}n"])
    func silent(_ locale: String) {
        #expect(SpokenLanguage(locale: locale) == nil)
    }

    @Test("every language in the table has a voice and is reached by its own tag", arguments: SpokenLanguage.table)
    func table(_ entry: SpokenLanguage) {
        #expect(SpokenLanguage(locale: entry.language) == entry)
    }
}
