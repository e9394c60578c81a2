public import Delivery
public import JobQueue
import Mustache
public import Providers
import Synchronization

/// Makes a job's texts ready to send: fills a template with the job's data, and fits the text to the channel.
public struct ContentRenderer: Sendable {
    private let shelf = TemplateShelf()

    public init() {}

    /// The message content for one channel.
    ///
    /// - Parameter approved: whether the provider's approved template is to be used.
    /// - Throws: `RenderError` naming a missing key or text.
    public func render(
        _ content: JobContent, for channel: Channel, approved: Bool
    ) throws(RenderError) -> MessageContent {
        switch content.seal {
        case .none, .opened: break
        case .closed, .keyMissing, .broken: throw RenderError(description: "its content is sealed, and was not opened")
        }
        let data = try TemplateData(json: content.dataJSON)
        switch channel {
        case .sms, .whatsapp:
            if approved, let sid = content.contentSID {
                return .contentTemplate(
                    sid: sid, variables: try variables(content.contentVariables, for: channel, in: data))
            }
            return .text(try text(content.body, of: content, data), mediaURLs: content.mediaURLs)
        case .voice:
            return .spoken(try text(content.body, of: content, data))
        case .email:
            if approved, let id = content.dynamicTemplate {
                return .dynamicTemplate(id: id, subject: content.subject, dataJSON: content.dataJSON)
            }
            return try email(content, data)
        }
    }

    private func email(_ content: JobContent, _ data: TemplateData) throws(RenderError) -> MessageContent {
        let body = try text(content.body, of: content, data)
        let subject = try content.subject.map { subject throws(RenderError) in
            Self.line(try text(subject, of: content, data))
        }
        let html = try content.html.map { html throws(RenderError) in try fill(html, with: data, escaping: true) }
        return .email(subject: subject ?? Self.subject(from: body), text: body, html: html)
    }

    /// The provider template's placeholders, numbered from 1 in the order of `keys`.
    ///
    /// WhatsApp takes none that is empty: it would refuse the message (63013) after it has been taken, and paid for.
    private func variables(
        _ keys: [String], for channel: Channel, in data: TemplateData
    ) throws(RenderError) -> [String: String] {
        var variables: [String: String] = [:]
        for (index, key) in keys.enumerated() {
            guard let value = data.text(key) else { throw RenderError(description: "data has no key \"\(key)\"") }
            guard channel != .whatsapp || !value.isBlank else {
                throw RenderError(
                    description:
                        "data has nothing at \"\(key)\", and WhatsApp refuses a template with an empty variable")
            }
            variables[String(index + 1)] = value
        }
        return variables
    }

    private func text(_ text: String?, of content: JobContent, _ data: TemplateData) throws(RenderError) -> String {
        guard let text else { throw RenderError(description: "there is no text for this channel") }
        return content.isTemplate ? try fill(text, with: data, escaping: false) : text
    }

    /// So much of a tag is shown.
    private static let longestName = 60

    private func fill(_ text: String, with data: TemplateData, escaping: Bool) throws(RenderError) -> String {
        let template = TemplateText(text, isHTML: escaping)
        let parsed = Result { try shelf.parsed(template) }
        let scan = (try? parsed.get().scan) ?? PlaceholderScan(text)
        if let partial = scan.partials.first?.prefix(Self.longestName) {
            throw RenderError(
                description:
                    "the template asks for another one by {{>\(partial)}}; none can be included: write its text there")
        }
        if let tag = scan.misplacedMarks.first?.prefix(Self.longestName) {
            throw RenderError(description: "the template has a space before a mark: write {{\(tag)}}")
        }
        let missing = scan.names.filter { !data.has($0) }
        guard missing.isEmpty else {
            throw RenderError(description: "data has no key " + missing.map { "\"\($0)\"" }.joined(separator: ", "))
        }
        let filled: String
        do {
            filled = try template.filled(try parsed.get(), with: data)
        } catch {
            throw RenderError(description: "the template is not well formed")
        }
        if let key = data.refusedKey {
            throw RenderError(description: "data has a list or an object at \"\(key)\", where a text must stand")
        }
        return filled
    }

    /// The text on one line: data may bring line ends, and one in a mail's header begins another header.
    private static func line(_ text: String) -> String {
        lines(text).joined(separator: " ")
    }

    /// A subject for an e-mail whose job has a text for all channels: its first line, at most 78 characters.
    ///
    /// Cut between letters. A letter with hundreds of marks is no longer than the others together.
    static func subject(from body: String) -> String {
        let line = lines(body).first ?? ""
        guard line.unicodeScalars.count > 78 else { return line }
        var subject = ""
        var length = 0
        for letter in line {
            length += letter.unicodeScalars.count
            guard length <= 77 else { break }
            subject.append(letter)
        }
        return subject + "…"
    }

    private static func lines(_ text: String) -> [String] {
        text.unicodeScalars.split { ("\n"..."\r").contains($0) || ["\u{85}", "\u{2028}", "\u{2029}"].contains($0) }
            .map { String($0) }
    }
}

/// Texts that were read already, a few hundred at most.
private final class TemplateShelf: Sendable {
    private static let capacity = 256

    private let known = Mutex<[TemplateText: TemplateText.Parsed]>([:])

    func parsed(_ text: TemplateText) throws -> TemplateText.Parsed {
        if let parsed = known.withLock({ $0[text] }) { return parsed }
        let parsed = try text.parsed()
        known.withLock { known in
            // What is used again is soon there again.
            if known.count >= Self.capacity { known = [:] }
            known[text] = parsed
        }
        return parsed
    }
}

/// Why the text for a channel cannot be made. Names keys and templates, never their values.
public struct RenderError: Error, Sendable, Hashable, CustomStringConvertible {
    public var description: String
}
