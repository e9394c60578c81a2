/// The only pages for the public. They work without a script, and show no address that is not known already.
enum UnsubscribePage {
    /// Asks once more: whatever follows the link of a mail without a person changes nothing.
    static let question = """
        {{> head}}
        <h1>No more offers by e-mail?</h1>
        <p>Press the button, and {{address}} gets no more offers from this sender.</p>
        <form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click"><button>Unsubscribe</button></form>
        </main></body></html>
        """

    static let done = """
        {{> head}}
        <h1>Unsubscribed</h1>
        <p role="status">{{address}} gets no more offers from this sender. You need not do anything else.</p>
        </main></body></html>
        """

    static let refused = """
        {{> head}}
        <h1>Not unsubscribed</h1>
        <p class="bad" role="alert">{{text}}</p>
        </main></body></html>
        """
}

extension Pages {
    /// - Parameter address: masked.
    func unsubscribe(_ address: String) -> String {
        render("unsubscribe", ["title": "Unsubscribe", "address": address])
    }

    /// - Parameter address: masked.
    func unsubscribed(_ address: String) -> String {
        render("unsubscribed", ["title": "Unsubscribed", "address": address])
    }

    func notUnsubscribed(_ text: String) -> String {
        render("unsubscribe refused", ["title": "Not unsubscribed", "text": text])
    }
}
