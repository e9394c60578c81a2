extension String {
    /// A base URL that a path can be appended to.
    var withoutTrailingSlashes: String {
        var text = self
        while text.last == "/" { text.removeLast() }
        return text
    }
}
