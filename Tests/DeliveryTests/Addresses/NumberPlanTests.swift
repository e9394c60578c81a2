import Foundation
import Testing

@testable import Delivery

@Suite("Plans of telephone numbers")
struct NumberPlanTests {
    private static let plan = NumberPlan(words: "+48 7,9: * none: 0 94-5 +1 10: 2 none: * broken nonsense: 3 +")

    @Test("the longest prefix says how many digits a number has; what no plan has is none")
    func prefixes() {
        for number in ["+481234567", "+48123456789", "+12125551234"] { #expect(Self.plan.doubt(of: number) == nil) }
        for (number, words) in [
            ("+4812345678", "numbers that begin with +48 have 9 or 11 digits"),
            ("+48945123456", "no number begins with +4894"),
            ("+48012345678", "no number begins with +480"), ("+13125551234", "no number begins with +13"),
            ("+121255512345", "numbers that begin with +12 have 11 digits"),
            ("+9991234567", "no number begins with +999"),
        ] {
            #expect(Self.plan.doubt(of: number)?.words == words)
        }
    }

    @Test("a range that an operator added is one of numbers, whatever the plan says of it")
    func added() {
        let plan = Self.plan.adding(["4894", "999"])
        #expect(plan.doubt(of: "+4894512") == nil && plan.doubt(of: "+9991234567") == nil)
        #expect(plan.doubt(of: "+48951234567") != nil)
    }

    @Test("numbers to try things out with are numbers, and so are the spellings that WhatsApp has of its own")
    func known() {
        for number in [
            "+15005550006", "+15550000001", "+15000000138", "+5215512345678", "+551181234567", "+5491123456789",
        ] {
            #expect(NumberPlan.shipped.doubt(of: number) == nil, "\(number)")
        }
        for number in ["+480000000001", "+4844", "+12125551", "+1212555123456", "+100000000001", "+99912345678"] {
            #expect(NumberPlan.shipped.doubt(of: number) != nil, "\(number)")
        }
    }

    /// `numbers.txt` is what `ops/lib/number_plans.py sample` prints for 8,000.
    @Test(
        "of the 30 largest countries' numbers, 99.5 % are judged as libphonenumber does, and none that exists is refused"
    )
    func agreement() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "numbers.txt")
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map {
            $0.split(separator: " ")
        }
        let (known, unknown) = (lines.filter { $0[1] == "1" }, lines.filter { $0[1] == "0" })
        let refused = known.count { NumberPlan.shipped.doubt(of: String($0[0])) != nil }
        let taken = unknown.count { NumberPlan.shipped.doubt(of: String($0[0])) == nil }
        #expect(known.count > 1_000 && unknown.count > 1_000)
        #expect(refused == 0)
        #expect(Double(refused + taken) < 0.005 * Double(lines.count))
    }
}
