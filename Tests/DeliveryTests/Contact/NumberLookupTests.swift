import Delivery
import Testing

@Suite("Numbers that are looked up")
struct NumberLookupTests {
    /// The lines to which no text arrives, written out.
    private static let deaf: Set<LineType> = [.landline, .premium, .voicemail, .sharedCost, .uan, .pager]

    private static func rule(
        _ category: Delivery.Category = .alert, line: Bool = true, over: Int? = nil
    ) -> LookupRule {
        LookupRule(category: category, asksLineType: line, holdsOver: over)
    }

    @Test(
        "a line that takes no texts is sent none, on no other channel and without the rule anything is the same",
        arguments: LineType.allCases, Delivery.Category.allCases)
    func lines(_ type: LineType, _ category: Delivery.Category) {
        for facts in AdmissionTests.everything where !facts.isSuppressed && !facts.isExpired && facts.hasAddress {
            var facts = facts
            (facts.job.category, facts.hasConsent) = (category, true)
            let before = Admission(facts)
            facts.lookup = NumberLookup([.lineType: .line(type)])
            #expect(Admission(facts) == before)
            facts.lookupRule = Self.rule(category)
            let isKept = facts.channel == .sms && Self.deaf.contains(type)
            #expect(Admission(facts) == (isKept ? .skip(.noTextLine) : before), "\(facts)")
            if isKept { #expect(facts.words(on: .noTextLine)?.contains(type.rawValue) == true) }
            facts.lookupRule = Self.rule(category, line: false, over: 50)
            #expect(Admission(facts) == before)
        }
    }

    @Test(
        "a risk above what the category allows keeps texts and calls back, and one that is just allowed does not",
        arguments: [0, 1, 74, 75, 76, 99, 100])
    func risks(_ risk: Int) {
        for over in [0, 75, 99] {
            for facts in AdmissionTests.everything where !facts.isSuppressed && !facts.isExpired && facts.hasAddress {
                var facts = facts
                let before = Admission(facts)
                facts.lookup = NumberLookup([.risk: .risk(risk), .lineType: .line(.landline)])
                facts.lookupRule = Self.rule(line: false, over: over)
                let isKept = risk > over && [.sms, .voice].contains(facts.channel)
                #expect(Admission(facts) == (isKept ? .skip(.riskyNumber) : before))
                if isKept {
                    #expect(
                        facts.words(on: .riskyNumber) == "Lookup gives it a risk of \(risk); alert goes up to \(over)")
                }
            }
        }
    }

    @Test("what nobody could tell keeps nothing back, and a number that does not exist is passed over")
    func failsOpen() {
        let rule = Self.rule(over: 0)
        for channel in Channel.allCases {
            let asked = rule.packages(on: channel)
            let silent = NumberLookup(
                Dictionary(uniqueKeysWithValues: LookupPackage.allCases.map { ($0, .nothing(code: "60606")) }))
            #expect(rule.reason(against: silent, on: channel) == nil)
            #expect(rule.reason(against: NumberLookup(), on: channel) == nil)
            let invalid = NumberLookup([.risk: .invalid])
            #expect(rule.reason(against: invalid, on: channel) == (asked.isEmpty ? nil : .invalidNumber))
            #expect(rule.missing(in: silent, on: channel).isEmpty)
            #expect(rule.missing(in: NumberLookup(), on: channel) == asked)
        }
        #expect(Self.rule().packages(on: .sms) == [.lineType] && Self.rule().packages(on: .voice) == [])
        #expect(rule.packages(on: .sms) == [.lineType, .risk] && rule.packages(on: .voice) == [.risk])
        #expect(rule.packages(on: .whatsapp) == [] && rule.packages(on: .email) == [])
        #expect(
            rule.words(on: .invalidNumber, NumberLookup([.risk: .invalid]))
                == "Lookup says that there is no such number")
    }

    @Test("what is kept of an answer reads as the answer; a line that a later release names is unknown")
    func stored() {
        let answers: [(LookupPackage, NumberLookup.Answer)] =
            LineType.allCases.map { (.lineType, .line($0)) }
            + [(.risk, .risk(0)), (.risk, .risk(100)), (.risk, .invalid), (.lineType, .invalid)]
        for (package, answer) in answers {
            #expect(answer.found.map { NumberLookup.Answer(package, found: $0) } == answer && answer.code == nil)
        }
        #expect(NumberLookup.Answer.nothing(code: "60601").found == nil)
        #expect(NumberLookup.Answer.nothing(code: "60601").code == "60601")
        #expect(NumberLookup.Answer(.lineType, found: "satellite") == .line(.unknown))
        #expect(
            LineType.allCases.map(\.rawValue) == [
                "mobile", "landline", "tollFree", "fixedVoip", "nonFixedVoip", "personal", "premium", "voicemail",
                "sharedCost", "uan", "pager", "unknown",
            ])
        for type in LineType.allCases {
            let remark = NumberLookup([.lineType: .line(type)]).remark
            #expect((remark != nil) == [.fixedVoip, .nonFixedVoip].contains(type))
            #expect(remark.map { $0.contains(type.rawValue) } ?? true)
        }
    }
}
