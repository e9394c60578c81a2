/// How a request ended, as a statement about the provider and not about the network: did it get the request?
public enum HTTPResult: Sendable {
    /// A complete reply came.
    case answered(HTTPResponse)
    /// The provider certainly did not get the request; sending again cannot double anything.
    case notSent(NotSent)
    /// Bytes of the request left and no complete reply came. The provider may have acted; never send again blindly.
    case unknown(UnknownSend)
}
