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
            ("en-AU", "en-AU", nil),
            ("en-ZA", "en-US", "Polly.Joanna"),
            ("pl", "pl-PL", "Polly.Ewa"),
            ("PL-pl", "pl-PL", "Polly.Ewa"),
            ("de-AT", "de-DE", "Polly.Vicki"),
            ("fr-CA", "fr-CA", nil),
            ("fr-BE", "fr-FR", nil),
            ("pt-Latn-PT", "pt-PT", nil),
            ("no-NO", "nb-NO", nil),
            ("nn", "nb-NO", nil),
            ("tlh", "en-US", "Polly.Joanna"),
            ("", "en-US", "Polly.Joanna"),
            ("--", "en-US", "Polly.Joanna"),
        ] as [(String, String, String?)])
    func locale(_ row: (locale: String, language: String, voice: String?)) {
        #expect(SpokenLanguage(locale: row.locale) == SpokenLanguage(language: row.language, voice: row.voice))
    }

    @Test("every language in the table is reached by its own tag", arguments: SpokenLanguage.table)
    func table(_ entry: SpokenLanguage) {
        #expect(SpokenLanguage(locale: entry.language) == entry)
    }
}
