import Insight

/// Finds the jobs of a person. What is asked for is sent in a form's body and never stands in an address of a page.
enum PeoplePage {
    static let template = """
        {{> head}}
        <header><h1>{{heading}}</h1><a href="/">All jobs</a></header>
        {{#problem}}<p class="bad" role="alert">{{text}}</p>{{/problem}}
        <form class="acts" method="post" action="/people"><label>Whose jobs <input name="who" required maxlength="320" size="40" autocomplete="off"></label> <button>Find</button></form>
        <p class="quiet">A full number such as +15005550010, an e-mail address, or the hash that logs and pages show. The newest {{byAddress}} jobs are looked through, for a hash the newest {{byHash}}.</p>
        {{#found}}<table aria-label="Jobs"><thead><tr><th>Job</th><th>Asked (UTC)</th><th>Kind</th><th>Category</th></tr></thead><tbody>
        {{#jobs}}<tr><td><a href="/jobs/{{id}}">{{id}}</a></td><td><time datetime="{{createdAt}}">{{createdAt}}</time></td><td>{{kind}}</td><td>{{category}}</td></tr>
        {{/jobs}}{{^jobs}}<tr><td colspan="4" class="quiet">None among the newest {{looked}} jobs.</td></tr>{{/jobs}}</tbody></table>
        {{#more}}<p class="quiet">There may be more: these are the newest {{count}}.</p>{{/more}}{{/found}}
        </main></body></html>
        """

    static func values(_ found: PersonJobs?, problem: String?) -> [String: Any] {
        var values: [String: Any] = [
            "title": "Find a person", "heading": found.map { "Jobs of \($0.name)" } ?? "Find a person",
            "byAddress": PersonSearch.newestByAddress, "byHash": PersonSearch.newestByHash,
        ]
        if let problem { values["problem"] = ["text": problem] }
        if let found {
            values["found"] =
                [
                    "looked": found.looked,
                    "jobs": found.jobs.map {
                        ["id": $0.id, "createdAt": $0.createdAt, "kind": $0.kind, "category": $0.category]
                            as [String: Any]
                    }, "more": found.jobs.count >= PersonSearch.most, "count": found.jobs.count,
                ] as [String: Any]
        }
        return values
    }
}
