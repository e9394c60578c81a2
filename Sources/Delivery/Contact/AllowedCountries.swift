/// To which countries messages may go, by tenant and category.
public struct AllowedCountries: Sendable, Hashable {
    public struct Entry: Sendable, Hashable {
        /// Empty: for every tenant.
        public var tenant: String
        /// A calling code such as `48`, or a country such as `PL`.
        public var country: String
        public var categories: Set<Category>

        public init(tenant: String = "", country: String, categories: Set<Category> = Set(Category.allCases)) {
            self.tenant = tenant
            self.country = country
            self.categories = categories
        }
    }

    private struct Whose: Sendable, Hashable {
        var tenant: String
        var category: Category
    }

    /// Whether every country is allowed, whatever is listed.
    public var isAnywhere: Bool
    private var countries: [Whose: Set<String>] = [:]

    public init(isAnywhere: Bool, _ entries: [Entry] = []) {
        self.isAnywhere = isAnywhere
        for entry in entries {
            for category in entry.categories {
                countries[Whose(tenant: entry.tenant, category: category), default: []].insert(entry.country)
            }
        }
    }

    /// What a list names is bound by it. Without a list, what costs money when others abuse it goes nowhere: one-time passwords,
    /// which strangers ask for, and offers.
    func allow(_ number: String, in place: NumberPlace?, tenant: String, category: Category) -> Bool {
        guard !isAnywhere else { return true }
        let lists = [
            countries[Whose(tenant: "", category: category)], countries[Whose(tenant: tenant, category: category)],
        ]
        .compactMap(\.self)
        guard !lists.isEmpty else { return !category.needsListedCountry }
        let words = NumberPlace.words(for: number, in: place)
        return lists.contains { list in words.contains(where: list.contains) }
    }
}

extension NumberPlace {
    /// What a row may call the country of a number: its calling code, or two letters.
    static func words(for number: String, in place: NumberPlace?) -> [String] {
        let digits = number.dropFirst()
        return (1...3).map { String(digits.prefix($0)) } + [place?.country].compactMap(\.self)
    }
}

/// Messages of a category that a channel does not bring to a country.
public struct ClosedRoute: Sendable, Hashable {
    public var channel: Channel
    public var category: Category
    /// A calling code such as `1`, or a country such as `US`.
    public var country: String
    public var reason: String

    public init(channel: Channel, category: Category, country: String, reason: String) {
        self.channel = channel
        self.category = category
        self.country = country
        self.reason = reason
    }

    func binds(_ contact: Contact, in place: NumberPlace?) -> Bool {
        channel == contact.channel && category == contact.category
            && NumberPlace.words(for: contact.number, in: place).contains(country)
    }
}

extension Category {
    /// Whether it goes to no country before one is allowed.
    var needsListedCountry: Bool {
        switch self {
        case .otp, .marketing: true
        case .alert, .transactional: false
        }
    }
}
