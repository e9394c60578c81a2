/// The phrases by which people ask for an end in a sentence, as data: folded words, in the languages of `OptOutWords`.
/// `OptOutPhrase` says how they are written. `{MSG}` is any word for what people are sent.
///
/// Negations stand apart from their verbs: "don't" is folded to DON T. "Don't stop", "I can't unsubscribe" and "I got no
/// messages" are what the lists of forbidden words are for.
enum OptOutPhrases {
    static let all = OptOutPhraseBook(
        [english, spanish, french, german, portuguese, italian, polish, dutch].flatMap { language in
            language.phrases.split(separator: "\n").map { String($0.replacing("{MSG}", with: language.messages)) }
        })

    /// A file each.
    typealias Language = (messages: String, phrases: String)
}
