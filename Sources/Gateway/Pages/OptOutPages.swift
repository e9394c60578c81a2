import Insight

/// Sentences that ask for no more messages, the oldest first. What was written stands on the page of each.
enum OptOutListPage {
    static let template = """
        {{> head}}
        <header><h1>Opt-outs to decide</h1><a href="/">All jobs</a></header>
        {{#said}}<p class="said" role="status">{{text}}</p>{{/said}}
        {{#obstacle}}<p class="quiet">{{text}}</p>{{/obstacle}}
        <p>These people plainly ask for no more messages, but wrote no word such as STOP. Offers are stopped for them already.</p>
        <div class="wide"><table aria-label="Sentences"><thead><tr><th>Sentence</th><th>Asked (UTC)</th><th>Channel</th><th>From</th><th>To</th><th>Binds</th><th></th></tr></thead><tbody>
        {{#wishes}}<tr><td>{{id}}</td><td><time datetime="{{asked}}">{{asked}}</time></td><td>{{channel}}</td><td>{{from}}</td><td>{{to}}</td><td>{{tenants}}</td><td>{{#path}}<a class="act" href="{{path}}">Read and decide …</a>{{/path}}</td></tr>
        {{/wishes}}{{^wishes}}<tr><td colspan="7" class="quiet">No sentence waits for a decision.</td></tr>{{/wishes}}</tbody></table></div>
        {{#more}}<p class="quiet">There are more. They are shown once these are decided.</p>{{/more}}
        </main></body></html>
        """

    static func values(
        _ wishes: [OpenWish], said: String?, obstacle: String?, atMost most: Int
    ) -> [String: Any] {
        var values: [String: Any] = [
            "title": "Opt-outs", "more": wishes.count == most,
            "wishes": wishes.map { wish in
                var row = OptOutPage.facts(wish)
                if obstacle == nil { row["path"] = "/optouts/\(wish.id)" }
                return row
            },
        ]
        if let said { values["said"] = ["text": said] }
        if let obstacle { values["obstacle"] = ["text": obstacle] }
        return values
    }
}

/// One sentence, in the person's words, and what it can be taken to mean. For those who may decide.
enum OptOutPage {
    static let template = """
        {{> head}}
        <header><h1>What does sentence {{id}} stop?</h1><a href="/optouts">Back, and change nothing</a></header>
        {{#problem}}<p class="bad" role="alert">{{text}}</p>{{/problem}}
        <table class="facts"><tbody>
        <tr><th scope="row">Asked (UTC)</th><td>{{asked}}</td></tr><tr><th scope="row">From</th><td>{{from}}, by {{channel}}</td></tr>
        <tr><th scope="row">To</th><td>{{to}}</td></tr><tr><th scope="row">Binds</th><td>{{tenants}}</td></tr></tbody></table>
        <h2 id="words">What the person wrote</h2><pre aria-labelledby="words">{{text}}</pre>
        {{#verdicts}}<h2>{{label}}</h2><p>{{meaning}}</p>
        <form method="post" action="{{path}}"><input type="hidden" name="token" value="{{token}}"><p><label>Why, kept with your name: <input name="reason" required maxlength="500" size="50"></label> <button{{#grave}} class="grave"{{/grave}}>{{label}}</button></p></form>
        {{/verdicts}}
        </main></body></html>
        """

    static func values(_ wish: OpenWish, tokens: [WishVerdict: String], problem: String?) -> [String: Any] {
        var values = facts(wish)
        values["title"] = "Sentence \(wish.id)"
        values["text"] = wish.text.isEmpty ? "(taken out 90 days after it came)" : wish.text
        if let problem { values["problem"] = ["text": problem] }
        values["verdicts"] = WishVerdict.allCases.map { verdict in
            [
                "label": label(verdict), "meaning": meaning(verdict), "token": tokens[verdict] ?? "",
                "path": "/optouts/\(wish.id)/\(verdict.rawValue)", "grave": verdict == .nothing,
            ] as [String: Any]
        }
        return values
    }

    fileprivate static func facts(_ wish: OpenWish) -> [String: Any] {
        [
            "id": wish.id, "asked": wish.askedAt, "channel": wish.channel, "from": wish.from, "to": wish.to,
            "tenants": wish.tenants.isEmpty ? "every tenant" : wish.tenants,
        ]
    }

    private static func label(_ verdict: WishVerdict) -> String {
        switch verdict {
        case .all: "It stops everything"
        case .marketing: "It stops offers alone"
        case .nothing: "It was misread, and stops nothing"
        }
    }

    private static func meaning(_ verdict: WishVerdict) -> String {
        switch verdict {
        case .all: "As a STOP: no text, call or WhatsApp message any more, one-time passwords and alerts included."
        case .marketing: "It stays as it is: alerts, receipts and one-time passwords are sent."
        case .nothing: "Offers are sent again, unless another word of the person stops them."
        }
    }
}
