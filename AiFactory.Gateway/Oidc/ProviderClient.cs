using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Oidc;

/// <summary>The console's client at the provider: exchanges codes and refresh tokens, and asks who a user is. Nothing of it is logged.</summary>
internal sealed class ProviderClient(IHttpClientFactory clients, IOptions<OidcOptions> options)
{
    public string ClientId => options.Value.ClientId ?? "";

    public async Task<TokenAnswer> AskAsync(ProviderDocument provider, IReadOnlyDictionary<string, string> form, CancellationToken cancellationToken)
    {
        if (provider.Token is not { } address)
        {
            return new TokenAnswer.Away("its document has no token_endpoint");
        }

        try
        {
            using var request = Request(provider, address, form);
            var (status, answer) = await SendAsync(request, cancellationToken);
            using (answer)
            {
                var root = answer.RootElement;
                return root.ValueKind != JsonValueKind.Object ? new TokenAnswer.Away($"its token endpoint answered {(int)status} with no object")
                    : status == HttpStatusCode.OK ? new TokenAnswer.Given(Text(root, "id_token"), Text(root, "access_token"), Text(root, "refresh_token"), Seconds(root))
                    : status is HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized && Text(root, "error") is { } error ? new TokenAnswer.Refused(error)
                    : new TokenAnswer.Away($"its token endpoint answered {(int)status}");
            }
        }
        catch (Exception error) when (IsFailure(error) && !cancellationToken.IsCancellationRequested)
        {
            return new TokenAnswer.Away(error.Message);
        }
    }

    /// <summary>The user's claims at the provider (OpenID Connect Core 1.0, section 5.3); null where there are none to be had.</summary>
    public async Task<JsonDocument?> UserInfoAsync(ProviderDocument provider, string? accessToken, CancellationToken cancellationToken)
    {
        if (provider.UserInfo is not { } address || accessToken is null)
        {
            return null;
        }

        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
            var (status, answer) = await SendAsync(request, cancellationToken);
            if (status == HttpStatusCode.OK && answer.RootElement.ValueKind == JsonValueKind.Object)
            {
                return answer;
            }

            answer.Dispose();
        }
        catch (Exception error) when (IsFailure(error) && !cancellationToken.IsCancellationRequested)
        {
            // As if it had none.
        }

        return null;
    }

    /// <summary>Ends a refresh token at the provider (RFC 7009), as far as the provider lets it.</summary>
    public async Task RevokeAsync(ProviderDocument provider, string refreshToken, CancellationToken cancellationToken)
    {
        if (provider.Revocation is not { } address)
        {
            return;
        }

        try
        {
            using var request = Request(provider, address, new Dictionary<string, string> { ["token"] = refreshToken, ["token_type_hint"] = "refresh_token" });
            using var limit = Limit(cancellationToken);
            using var client = clients.CreateClient(OidcProvider.Client);
            using var response = await client.SendAsync(request, limit.Token);
        }
        catch (Exception error) when (IsFailure(error) && !cancellationToken.IsCancellationRequested)
        {
            // It ends by itself, later.
        }
    }

    private HttpRequestMessage Request(ProviderDocument provider, Uri address, IReadOnlyDictionary<string, string> form)
    {
        var all = new Dictionary<string, string>(form) { ["client_id"] = ClientId };
        var request = new HttpRequestMessage(HttpMethod.Post, address);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (options.Value.ClientSecret is { Length: > 0 } secret)
        {
            if (provider.TakesSecretInForm)
            {
                all["client_secret"] = secret;
            }
            else
            {
                // RFC 6749, section 2.3.1: each part as a form has it.
                var parts = $"{WebUtility.UrlEncode(ClientId)}:{WebUtility.UrlEncode(secret)}";
                request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(parts)));
            }
        }

        request.Content = new FormUrlEncodedContent(all);
        return request;
    }

    private async Task<(HttpStatusCode Status, JsonDocument Answer)> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var limit = Limit(cancellationToken);
        using var client = clients.CreateClient(OidcProvider.Client);
        using var response = await client.SendAsync(request, limit.Token);
        return (response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(limit.Token)));
    }

    private CancellationTokenSource Limit(CancellationToken cancellationToken)
    {
        var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.Value.Timeout);
        return limit;
    }

    private static bool IsFailure(Exception error) => error is HttpRequestException or IOException or JsonException or OperationCanceledException;

    private static string? Text(JsonElement root, string name) => root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>Some providers write the number as a text.</summary>
    private static TimeSpan? Seconds(JsonElement root) => root.TryGetProperty("expires_in"u8, out var value)
        && double.TryParse(value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and < 1e9
        ? TimeSpan.FromSeconds(seconds)
        : null;
}
