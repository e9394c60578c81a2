/// What `outrider --version` says and workers report.
enum OutriderVersion {
    static let current = "0.1.0"
}
