import Delivery

/// Any text as a phone number and as an e-mail address: taken exactly by the rules, and never shown.
func checkAddresses(_ bytes: [UInt8]) throws(Violation) {
    var input = FuzzInput(bytes)
    let text = input.text()
    switch Result(catching: { () throws(AddressError) in try PhoneNumber(text) }) {
    case .success(let phone):
        try require(isPhone(text), "took what is no phone number")
        try require(phone.e164.utf8.elementsEqual(text.utf8), "changed a phone number")
        try require(!phone.description.contains(text), "shows a phone number")
    case .failure(let error):
        try require(!isPhone(text), "refused a phone number: \(error.rule)")
        try checkError(error, about: text)
    }
    switch Result(catching: { () throws(AddressError) in try EmailAddress(text) }) {
    case .success(let email):
        try require(isEmail(text), "took what is no e-mail address")
        try checkSpellings(of: email, text)
    case .failure(let error):
        try require(!isEmail(text), "refused an e-mail address: \(error.rule)")
        try checkError(error, about: text)
    }
    for shape in [Redaction.phoneNumber(text), .emailAddress(text)] { try checkShape(shape.description, of: text) }
}

private func checkSpellings(of email: EmailAddress, _ text: String) throws(Violation) {
    try require(email.address.utf8.elementsEqual(text.utf8), "changed an e-mail address")
    try require((try? EmailAddress(email.canonical)) == email, "the canonical form is another address")
    try require((try? EmailAddress(text.uppercased())) == email, "upper case makes another address")
    try require(!email.description.contains(text), "shows an e-mail address")
}

private func checkError(_ error: AddressError, about text: String) throws(Violation) {
    try require(error.description.utf8.count <= 256, "an error of \(error.description.utf8.count) bytes")
    let isPhrase = AddressError.Rule.allCases.contains { $0.rawValue.contains(text) }
    try require(text.count < 4 || isPhrase || !error.description.contains(text), "an error shows the text")
}

/// A shape is short and fit for one line of a log.
private func checkShape(_ shape: String, of text: String) throws(Violation) {
    try require(shape.utf8.count <= 40, "a shape of \(shape.utf8.count) bytes")
    try require(
        shape.unicodeScalars.allSatisfy { $0 == "…" || (" "..."~").contains($0) }, "a shape with odd characters")
    let shown = shape.unicodeScalars.filter { $0 != "…" }.count
    try require(shown == 0 || shown < text.unicodeScalars.count, "a shape shows all of the text")
}

// MARK: The rules once more, in other words

private func isPhone(_ text: String) -> Bool {
    text.utf8.count <= 16 && isASCII(text) && text.wholeMatch(of: /\+[1-9][0-9]{6,14}/) != nil
}

private func isEmail(_ text: String) -> Bool {
    guard isASCII(text), text.utf8.count <= 254,
        let (_, local, domain) = text.wholeMatch(of: /([^@]+)@([^@]+)/)?.output
    else { return false }
    let labels = domain.split(separator: ".", omittingEmptySubsequences: false)
    return local.count <= 64 && labels.count > 1 && !(labels.last?.allSatisfy(\.isNumber) ?? true)
        && local.split(separator: ".", omittingEmptySubsequences: false).allSatisfy {
            $0.wholeMatch(of: /[A-Za-z0-9!#$%&'*+\-\/=?^_`{|}~]+/) != nil
        }
        && labels.allSatisfy { $0.wholeMatch(of: /[A-Za-z0-9]([A-Za-z0-9\-]{0,61}[A-Za-z0-9])?/) != nil }
}

private func isASCII(_ text: String) -> Bool {
    text.utf8.allSatisfy { $0 < 0x80 }
}
