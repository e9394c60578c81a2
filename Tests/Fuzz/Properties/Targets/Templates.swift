import Delivery
import Foundation
import JobQueue
import Mustache
import Providers
import Rendering

/// Line 1: a value for the data; then the template. What is sent has no hole where data is missing, and no markup that
/// came from data.
func checkTemplates(_ bytes: [UInt8]) throws(Violation) {
    var input = FuzzInput(bytes)
    let value = input.line()
    let template = input.text()
    try checkPlainText(template)
    try checkNothingIsMissing(template)
    try checkEscaping(of: value)
    try checkMarkup(template)
    try checkMail(template, value)
}

/// A job's own body is said as it is, and a template without tags says itself.
private func checkPlainText(_ text: String) throws(Violation) {
    let own = try? ContentRenderer().render(JobContent(body: text), for: .sms, approved: false)
    try require(own == .text(text, mediaURLs: []), "a job's own text is changed")
    guard !text.unicodeScalars.contains("{{".unicodeScalars) else { return }
    let filled = rendered(text, data: "{}")
    try require(filled?.utf8.elementsEqual(text.utf8) == true, "a template without tags is changed")
}

/// What the template's own parser looks up outside sections, the scan has named.
private func checkNothingIsMissing(_ template: String) throws(Violation) {
    guard !template.utf8.contains(where: { "#^<>$/%*".utf8.contains($0) }) else { return }
    let lookups = Lookups()
    guard (try? MustacheTemplate(string: template))?.render(lookups) != nil else { return }
    // A tag that begins within a tag has no right reading: the scan names all of it, so that it is refused.
    guard !PlaceholderScan(template).names.contains(where: { $0.contains("{") }) else { return }
    // Of `..a.b`, `a` is looked up first.
    let heads = Set(PlaceholderScan(template).names.compactMap { $0.split(separator: ".").first.map(String.init) })
    let unnamed = lookups.names.subtracting(heads)
    try require(unnamed.isEmpty, "the scan misses \(unnamed)")
}

/// A context that has every name and remembers which were asked for.
private final class Lookups: MustacheParent {
    private(set) var names: Set<String> = []

    func child(named name: String) -> Any? {
        names.insert(name)
        return ["": ""]
    }
}

/// A value in HTML is text there: a browser shows just the value.
private func checkEscaping(of value: String) throws(Violation) {
    guard let data = try? JSONEncoder().encode(["x": value]) else { return }
    let json = String(decoding: data, as: UTF8.self)
    let content = JobContent(isTemplate: true, body: "{{x}}", html: "<p>{{x}}</p>", dataJSON: json)
    let mail = try? ContentRenderer().render(content, for: .email, approved: false)
    guard case .email(_, let text, let html?) = mail else {
        throw Violation(description: "a value that cannot be filled in")
    }
    try require(text.utf8.elementsEqual(value.utf8), "a value is changed in plain text")
    // By byte: a combining mark at the value's beginning is one character with the `>` before it.
    let inner = html.utf8.dropFirst(3).dropLast(4)
    try require(!inner.contains { "<>\"'".utf8.contains($0) }, "a value's markup is not escaped")
    try require(inner.count >= value.utf8.count, "a value is cut in HTML")
}

/// Without the tags that ask for it, no template lets markup from data through.
private func checkMarkup(_ template: String) throws(Violation) {
    let scalars = template.unicodeScalars
    let asks = ["{{{", "&", "{{%", "="].contains { scalars.contains($0.unicodeScalars) }
    let hostile = "<hostile>"
    guard !asks, !scalars.contains("hostile".unicodeScalars) else { return }
    let names = Set(PlaceholderScan(template).names.map { String($0.prefix { $0 != "." }) }).union(["a"])
    let values = Dictionary(uniqueKeysWithValues: names.map { ($0, hostile) })
    guard let data = try? JSONEncoder().encode(values) else { return }
    let content = JobContent(
        isTemplate: true, body: "text", html: template, dataJSON: String(decoding: data, as: UTF8.self))
    guard case .email(_, _, let html?)? = try? ContentRenderer().render(content, for: .email, approved: false) else {
        return
    }
    try require(!html.unicodeScalars.contains(hostile.unicodeScalars), "markup from data in HTML")
}

/// A subject is one line, whatever is filled in: a line end in a header begins another header.
private func checkMail(_ template: String, _ value: String) throws(Violation) {
    guard let data = try? JSONEncoder().encode(["a": value, "b": "1"]) else { return }
    let json = String(decoding: data, as: UTF8.self)
    for subject in ["Hello {{a}}", template, nil] {
        let content = JobContent(isTemplate: true, body: "{{a}}\(template)", subject: subject, dataJSON: json)
        guard case .email(let subject, _, _)? = try? ContentRenderer().render(content, for: .email, approved: false)
        else { continue }
        try require(!subject.contains(where: \.isNewline), "a subject of several lines")
    }
}

private func rendered(_ template: String, data: String) -> String? {
    let content = JobContent(isTemplate: true, body: template, dataJSON: data)
    guard case .text(let text, _)? = try? ContentRenderer().render(content, for: .sms, approved: false) else {
        return nil
    }
    return text
}
