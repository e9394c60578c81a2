/// The names under which an attempt travels through SendGrid. Events bring them back at the top level of their object,
/// so a prefix keeps them apart from SendGrid's own.
enum MailArguments {
    static let job = "outrider_job"
    static let generation = "outrider_generation"
    static let token = "outrider_token"
    /// Every mail's first category.
    static let category = "outrider"
}
