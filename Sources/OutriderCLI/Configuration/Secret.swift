/// A credential. Every way of printing it shows nothing; whoever needs the text asks for `exposed` by name.
struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The text itself: to be handed to a library, never to a log or a message.
    let exposed: String

    init(_ text: String) { exposed = text }

    var description: String { "(secret)" }
    var debugDescription: String { description }
    var customMirror: Mirror { Mirror(self, children: []) }
}
