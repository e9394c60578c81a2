import FuzzProperties

#if canImport(Glibc)
    import Glibc
#endif

/// libFuzzer's `main` drives it (llvm.org/docs/LibFuzzer.html): all arguments are libFuzzer's own, but for the first.
///
/// - `list` prints the targets.
/// - `judge` answers the comparison with the official validator, line by line.
/// - The name of a target fuzzes it.
enum Fuzzer {
    static let target = FuzzTarget.all.first { $0.name == word }
    private static let word = CommandLine.arguments.dropFirst().first ?? ""

    static func begin() {
        switch word {
        case "list":
            for target in FuzzTarget.all { print("\(target.name)\t\(target.purpose)") }
            exit(0)
        case "judge":
            while let line = readLine() { print(SignatureJudge.judge(line)) }
            exit(0)
        default:
            guard target == nil else { return }
            print("the first argument names a target; list shows them")
            exit(64)
        }
    }
}

/// Takes the first argument away, which libFuzzer would take for a folder.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>
) -> CInt {
    Fuzzer.begin()
    unsafe (arguments.pointee + 1).pointee = arguments.pointee.pointee
    unsafe arguments.pointee += 1
    unsafe count.pointee -= 1
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
