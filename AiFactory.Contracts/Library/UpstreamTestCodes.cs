namespace AiFactory.Contracts.Library;

public static class UpstreamTestCodes
{
    public const string Ok = "ok";

    /// <summary>It answers, and does not list a model that is offered through it.</summary>
    public const string ModelMissing = "model_missing";

    public const string HostNotAllowed = "host_not_allowed";
    public const string AddressNotAllowed = "address_not_allowed";
    public const string NameNotFound = "name_not_found";
    public const string NotReached = "not_reached";
    public const string TlsFailed = "tls_failed";
    public const string Timeout = "timeout";
    public const string CredentialMissing = "credential_missing";
    public const string CredentialRefused = "credential_refused";
    public const string CredentialUnreadable = "credential_unreadable";
    public const string PathNotFound = "path_not_found";
    public const string Redirected = "redirected";
    public const string Overloaded = "overloaded";
    public const string Failed = "failed";
    public const string NotUnderstood = "not_understood";
}
