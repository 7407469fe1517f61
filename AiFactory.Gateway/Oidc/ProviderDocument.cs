using System.Text.Json;

namespace AiFactory.Gateway.Oidc;

/// <summary>What a provider says of itself at <c>/.well-known/openid-configuration</c>, as far as it is used here (OpenID Connect Discovery 1.0, section 3).</summary>
internal sealed record ProviderDocument(string Issuer, Uri Keys)
{
    public const string Path = ".well-known/openid-configuration";

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

        return new ProviderDocument(issuer, Address(root, "jwks_uri") ?? throw new InvalidDataException("its document has no jwks_uri that is an https address"));
    }

    private static Uri? Address(JsonElement root, string name) => Text(root, name) is { } text && Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback)) ? uri : null;

    private static string? Text(JsonElement root, string name) => root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
