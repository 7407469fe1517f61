namespace AiFactory.ServiceDefaults.Problems;

/// <summary>The catalogue of problem <c>type</c> URIs (RFC 9457, section 3.1.1). Clients may switch on them: they never change.</summary>
public static class ProblemTypes
{
    private const string Prefix = "urn:aifactory:problem:";

    public const string BadRequest = Prefix + "bad-request";
    public const string Validation = Prefix + "validation";
    public const string Unauthenticated = Prefix + "unauthenticated";
    public const string Forbidden = Prefix + "forbidden";
    public const string NotFound = Prefix + "not-found";
    public const string MethodNotAllowed = Prefix + "method-not-allowed";
    public const string NotAcceptable = Prefix + "not-acceptable";
    public const string Conflict = Prefix + "conflict";
    public const string PreconditionFailed = Prefix + "precondition-failed";
    public const string TooLarge = Prefix + "too-large";
    public const string UnsupportedMediaType = Prefix + "unsupported-media-type";
    public const string TooManyRequests = Prefix + "too-many-requests";
    public const string Internal = Prefix + "internal";
    public const string UpstreamFailed = Prefix + "upstream-failed";
    public const string Unavailable = Prefix + "unavailable";
    public const string UpstreamTimeout = Prefix + "upstream-timeout";

    /// <summary>The type and title for a status; null for a status that the catalogue does not have.</summary>
    public static (string Type, string Title)? ForStatus(int status) => status switch
    {
        400 => (BadRequest, "The request is not valid"),
        401 => (Unauthenticated, "Who calls is not known"),
        403 => (Forbidden, "Not allowed"),
        404 => (NotFound, "Not found"),
        405 => (MethodNotAllowed, "Method not allowed"),
        406 => (NotAcceptable, "No representation that the client accepts"),
        409 => (Conflict, "Conflict"),
        412 => (PreconditionFailed, "Precondition failed"),
        413 => (TooLarge, "The body is too large"),
        415 => (UnsupportedMediaType, "Unsupported media type"),
        429 => (TooManyRequests, "Too many requests"),
        500 => (Internal, "Something went wrong on our side"),
        502 => (UpstreamFailed, "A service behind this one failed"),
        503 => (Unavailable, "Not available now"),
        504 => (UpstreamTimeout, "A service behind this one did not answer in time"),
        _ => null,
    };
}
