public import Delivery

/// What the job asked to be said, as stored: texts not yet filled with data.
public struct JobContent: Sendable, Hashable {
    /// Whether the texts are a template's, to be filled with data; a job's own body is said as it is.
    public var isTemplate: Bool
    public var body: String?
    public var subject: String?
    public var html: String?
    /// Approved provider template (`HX…`).
    public var contentSID: String?
    /// The data keys that fill its placeholders, in order.
    public var contentVariables: [String]
    /// SendGrid dynamic template (`d-…`).
    public var dynamicTemplate: String?
    public var mediaURLs: [String]
    /// A JSON object.
    public var dataJSON: String
    /// Whether it can be read. Of content that cannot, body, subject and data are a template's own or missing.
    public var seal = ContentSeal.none

    public init(
        isTemplate: Bool = false, body: String? = nil, subject: String? = nil, html: String? = nil,
        contentSID: String? = nil,
        contentVariables: [String] = [], dynamicTemplate: String? = nil, mediaURLs: [String] = [],
        dataJSON: String = "{}"
    ) {
        self.isTemplate = isTemplate
        self.body = body
        self.subject = subject
        self.html = html
        self.contentSID = contentSID
        self.contentVariables = contentVariables
        self.dynamicTemplate = dynamicTemplate
        self.mediaURLs = mediaURLs
        self.dataJSON = dataJSON
    }
}
