import Foundation
import FuzzProperties

/// libFuzzer's `main` drives it (llvm.org/docs/LibFuzzer.html).
///
/// - `list` prints the targets.
/// - `judge` answers the comparison with the official validator, line by line.
/// - Everything else is libFuzzer's own, and `OUTRIDER_FUZZ_TARGET` names the target: a merge begins the program anew,
///   with arguments of its own.
enum Fuzzer {
    static let target = FuzzTarget.all.first { $0.name == name }
    private static let name = ProcessInfo.processInfo.environment["OUTRIDER_FUZZ_TARGET"] ?? ""

    static func begin() {
        switch CommandLine.arguments.dropFirst().first {
        case "list":
            for target in FuzzTarget.all { print("\(target.name)\t\(target.purpose)") }
            exit(0)
        case "judge":
            while let line = readLine() { print(SignatureJudge.judge(line)) }
            exit(0)
        default:
            guard target == nil else { return }
            print("OUTRIDER_FUZZ_TARGET names a target; list shows them")
            exit(64)
        }
    }
}

@_cdecl("LLVMFuzzerInitialize")
public func initialize(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>
) -> CInt {
    Fuzzer.begin()
    return 0
}

/// Traps when a property does not hold: libFuzzer keeps the input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>, _ size: Int) -> CInt {
    do throws(Violation) {
        try Fuzzer.target?.check(unsafe Array(UnsafeBufferPointer(start: data, count: size)))
    } catch {
        fatalError(error.description)
    }
    return 0
}
