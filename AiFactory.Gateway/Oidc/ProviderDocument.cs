using System.Text.Json;

namespace AiFactory.Gateway.Oidc;

/// <summary>What a provider says of itself at <c>/.well-known/openid-configuration</c>, as far as it is used here (OpenID Connect Discovery 1.0, section 3).</summary>
internal sealed record ProviderDocument(string Issuer, Uri Keys)
{
    public const string Path = ".well-known/openid-configuration";

    private const string InHeader = "client_secret_basic";
    private const string InBody = "client_secret_post";

    /// <summary>Where people sign in; null at a provider that only gives tokens to programs. The next ones too may be missing.</summary>
    public Uri? Authorization { get; private init; }

    public Uri? Token { get; private init; }

    public Uri? UserInfo { get; private init; }

    public Uri? Revocation { get; private init; }

    /// <summary>Where people end their session there (OpenID Connect RP-Initiated Logout 1.0, section 2.1).</summary>
    public Uri? EndSession { get; private init; }

    /// <summary>Whether the client's secret goes with the form, for a provider that does not take it in the header.</summary>
    public bool TakesSecretInForm { get; private init; }

    /// <exception cref="InvalidDataException">It is not that of this authority, or not whole.</exception>
    public static ProviderDocument Read(JsonElement root, string authority)
    {
        if (root.ValueKind != JsonValueKind.Object || Text(root, "issuer") is not { } issuer)
        {
            throw new InvalidDataException("its document has no issuer");
        }

        // Section 4.3: or one provider could speak for another. A last slash is no difference that people make on purpose.
        if (issuer.TrimEnd('/') != authority.TrimEnd('/'))
        {
            throw new InvalidDataException($"its document is of the issuer '{issuer}', and not of Oidc:Authority");
        }

        var methods = root.TryGetProperty("token_endpoint_auth_methods_supported"u8, out var named) && named.ValueKind == JsonValueKind.Array
            ? named.EnumerateArray().Where(method => method.ValueKind == JsonValueKind.String).Select(method => method.GetString()).ToArray()
            : [InHeader];
        return new ProviderDocument(issuer, Address(root, "jwks_uri") ?? throw new InvalidDataException("its document has no jwks_uri that is an https address"))
        {
            Authorization = Address(root, "authorization_endpoint"),
            Token = Address(root, "token_endpoint"),
            UserInfo = Address(root, "userinfo_endpoint"),
            Revocation = Address(root, "revocation_endpoint"),
            EndSession = Address(root, "end_session_endpoint"),
            TakesSecretInForm = methods.Contains(InBody) && !methods.Contains(InHeader),
        };
    }

    private static Uri? Address(JsonElement root, string name) => Text(root, name) is { } text && Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback)) ? uri : null;

    private static string? Text(JsonElement root, string name) => root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
