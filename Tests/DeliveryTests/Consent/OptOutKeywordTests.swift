import Delivery
import Testing

@Suite("Opt-out words")
struct OptOutKeywordTests {
    @Test(
        "a word asks for what it says, in any case and language",
        arguments: [
            ("STOP", .stop), ("stop", .stop), ("Stop", .stop), ("sToP", .stop),
            ("STOPALL", .stop), ("UNSUBSCRIBE", .stop), ("unsubscribe", .stop), ("CANCEL", .stop), ("END", .stop),
            ("QUIT", .stop), ("REVOKE", .stop), ("OPTOUT", .stop), ("opt out", .stop), ("OPT-OUT", .stop),
            ("ARRET", .stop), ("arrete", .stop), ("Arrett", .stop), ("ARRÊT", .stop), ("ABMELDEN", .stop),
            ("BAJA", .stop), ("AFMELDEN", .stop), ("WYPISZ", .stop), ("SAIR", .stop), ("DISISCRIVIMI", .stop),
            ("START", .start), ("yes", .start), ("UNSTOP", .start), ("HELP", .help), ("info", .help),
            ("AYUDA", .help), ("Hilfe", .help),
        ] as [(String, OptOutKeyword)])
    func keyword(_ row: (message: String, keyword: OptOutKeyword)) {
        #expect(OptOutKeyword(message: row.message) == row.keyword)
    }

    @Test(
        "what only looks different asks for the same",
        arguments: [
            " stop", "stop\n", "\t\r\n STOP \u{A0}", "STOP.", "Stop!", "\"STOP\"", "“STOP”", "STOP\u{200B}", "ＳＴＯＰ",
            "Stop all", "STOP 🙏", "Stop. Thank you", "STOP PLEASE", "please stop", "stop stop", "S.T.O.P.", "STOOOP",
            "ST\u{AD}OP", "\u{2068}STOP\u{2069}", "𝐒𝐓𝐎𝐏", "Ⓢⓣⓞⓟ", "STOP\u{301}", "Hi, stop", "STOP/END", "STOP\u{0}",
        ])
    func variants(_ message: String) {
        #expect(OptOutKeyword(message: message) == .stop)
    }

    @Test(
        "a signature or a quotation around the word changes nothing",
        arguments: [
            "STOP\n\nSent from my iPhone", "STOP\n-- \nAnn Example\nExample Ltd", "STOP\nRegards,\nAnn",
            "STOP\n\nOn Monday Acme wrote:\n> 20% off", "> 20% off\nSTOP", "STOP > 20% off", "STOP - Ann",
            "Stop\nAnn Example\n+1 500 555 0006", "STOP «20% off»",
        ])
    func surroundings(_ message: String) {
        #expect(OptOutKeyword(message: message) == .stop)
    }

    @Test(
        "a sentence that has the word in it asks for nothing, nor does an everyday answer",
        arguments: [
            "", " ", "\n", "don't stop", "bus stop at 5", "stop by later", "I cannot stop laughing", "STO", "STOPP1",
            "ST OP", "SUBSCRIBE", "NO", "OK", "Fine", "СТОП", "UNSUBSCRIBED", "STOP START", "yes please",
            "Yes?", "start?", "yes\nI will come", "Stop\nsending so late, please", "cancel - my order",
            String(repeating: "STOP", count: 10_000), String(repeating: "stop ", count: 9),
        ])
    func noKeyword(_ message: String) {
        #expect(OptOutKeyword(message: message) == nil)
    }

    @Test(
        "Twilio's OptOutType says what was asked for in whatever language",
        arguments: [
            ("STOP", .stop), ("START", .start), ("HELP", .help), ("stop", .stop),
            ("", nil), ("STOPALL", nil), (" STOP", nil), ("UNSTOP", nil),
        ] as [(String, OptOutKeyword?)])
    func optOutType(_ row: (value: String, keyword: OptOutKeyword?)) {
        #expect(OptOutKeyword(optOutType: row.value) == row.keyword)
    }
}
