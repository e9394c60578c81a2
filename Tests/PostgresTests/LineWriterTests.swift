import Foundation
import Synchronization
import Testing
import Threads

@Suite("Lines for a reader", .timeLimit(.minutes(1)))
struct LineWriterTests {
    @Test("a stalled reader makes nobody wait; lines without room are dropped and counted, and a line says so")
    func stalled() async throws {
        let pipe = Pipe()
        let counted = Mutex(0)
        let writer = try LineWriter(descriptor: pipe.fileHandleForWriting.fileDescriptor, capacity: 10_000) {
            "\($0) missing"
        }
        // A pipe holds 64 KiB, the writer 10,000 bytes more.
        let line = String(repeating: "a", count: 999)
        for _ in 0..<100 { writer.write(line) }
        writer.onDrop { number in counted.withLock { $0 += number } }
        let dropped = writer.dropped
        #expect(dropped > 0)
        #expect(counted.withLock { $0 } == dropped)
        for _ in 0..<5 { writer.write(line) }
        #expect(writer.dropped == dropped + 5)
        #expect(counted.withLock { $0 } == dropped + 5)

        let (texts, found) = AsyncStream.makeStream(of: String.self)
        Thread.detachNewThread {
            var text = ""
            while !text.contains("missing") {
                text += String(decoding: pipe.fileHandleForReading.availableData, as: UTF8.self)
            }
            found.yield(text)
        }
        // The reader reads again: the next line finds room, and what is missing is said before it.
        writer.flush(milliseconds: 30_000)
        writer.write("b")
        let text = try #require(await texts.first { _ in true })
        #expect(text.contains("\(dropped + 5) missing\n"))
    }

    @Test("a line that cannot be written is dropped and counted, and the next ones are tried")
    func full() throws {
        let file = try #require(FileHandle(forWritingAtPath: "/dev/full"))
        let writer = try LineWriter(descriptor: file.fileDescriptor, capacity: 10_000) { "\($0) missing" }
        for _ in 0..<5 { writer.write("a") }
        writer.flush(milliseconds: 10_000)
        #expect(writer.dropped == 5)
    }

    @Test("before its end a process gives a reader what waits, and does not wait for one that stands still")
    func flush() throws {
        let pipe = Pipe()
        let writer = try LineWriter(descriptor: pipe.fileHandleForWriting.fileDescriptor, capacity: 1 << 20) { "\($0)" }
        writer.write("one")
        writer.flush(milliseconds: 10_000)
        #expect(pipe.fileHandleForReading.availableData == Data("one\n".utf8))
        for _ in 0..<100 { writer.write(String(repeating: "a", count: 999)) }
        let start = ContinuousClock.now
        writer.flush(milliseconds: 50)
        #expect(.now - start < .seconds(10))
    }
}
