import Delivery
import Testing

@Suite("Opt-out words")
struct OptOutKeywordTests {
    @Test(
        "a single word asks for what it says, in any case",
        arguments: [
            ("STOP", .stop), ("stop", .stop), ("Stop", .stop), ("sToP", .stop),
            ("STOPALL", .stop), ("UNSUBSCRIBE", .stop), ("unsubscribe", .stop), ("CANCEL", .stop), ("END", .stop),
            ("QUIT", .stop), ("REVOKE", .stop), ("OPTOUT", .stop),
            ("ARRET", .stop), ("arrete", .stop), ("Arrett", .stop),
            ("START", .start), ("yes", .start), ("UNSTOP", .start),
            ("HELP", .help), ("info", .help),
            (" stop", .stop), ("stop\n", .stop), ("\t\r\n STOP \u{A0}", .stop),
        ] as [(String, OptOutKeyword)])
    func keyword(_ row: (message: String, keyword: OptOutKeyword)) {
        #expect(OptOutKeyword(message: row.message) == row.keyword)
    }

    @Test(
        "anything more, less or other than one word asks for nothing",
        arguments: [
            "", " ", "\n", "STOP PLEASE", "please stop", "stop stop", "STOP.", "\"STOP\"", "STO", "STOPP", "STOP\u{0}",
            "ST OP",
            "SUBSCRIBE", "NO", "OPT-OUT", "OPT OUT", "ſtop", "STOP\u{301}", "ＳＴＯＰ", "СТОП", "UNSUBSCRIBED",
            " \u{6ea}QUIT",
            String(repeating: "STOP", count: 10_000),
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
