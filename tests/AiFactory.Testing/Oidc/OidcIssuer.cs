using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace AiFactory.Testing.Oidc;

/// <summary>One identity provider of a test.</summary>
public sealed class OidcIssuer(HttpClient client, Uri address)
{
    /// <summary>Whom the tests' tokens are for.</summary>
    public const string Audience = "aifactory";

    public Uri Address => address;

    /// <summary>The settings of a gateway that takes its tokens: <c>developers</c> and <c>readers</c> of the project default, <c>others</c> of the project other, <c>admins</c> of all.</summary>
    public (string Name, string Value)[] Settings =>
    [
        ("Oidc:Authority", address.ToString()),
        ("Oidc:Audience", Audience),
        ("Oidc:Timeout", "00:00:30"),
        .. Group(0, "developers", "default", "developer"),
        .. Group(1, "readers", "default", "viewer"),
        .. Group(2, "others", "other", "developer"),
        .. Group(3, "admins", "*", "admin"),
        .. Group(4, "all-readers", "*", "viewer"),
    ];

    /// <summary>With them people sign in to the console there too.</summary>
    public (string Name, string Value)[] SignInSettings =>
    [
        .. Settings,
        ("Oidc:ClientId", "console"),
        ("Oidc:ClientSecret", "the-secret-of-the-console"),
        ("Oidc:Name", "Example ID"),
        ("Oidc:Scope", "openid groups"),
    ];

    /// <summary>Lets a console at this address send people here.</summary>
    public Task AdmitAsync(Uri console) => ChangeAsync(new { redirects = new[] { new Uri(console, "/api/session/oidc/callback").ToString() } });

    /// <returns>What it is now: <c>counts</c> of the requests by their path, and its private <c>keys</c>.</returns>
    public async Task<JsonElement> ChangeAsync(object changes)
    {
        using var response = await client.PostAsJsonAsync($"{address}/control", changes);
        return await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>();
    }

    /// <summary>How often a path was asked for.</summary>
    public async Task<int> CountAsync(string path) => (await ChangeAsync(new { })).GetProperty("counts").TryGetProperty(path, out var count) ? count.GetInt32() : 0;

    /// <summary>An access token as a program gets it for itself, with the groups of its name.</summary>
    public async Task<string> TokenAsync(string who = "ada", string audience = Audience, string algorithm = "ES256", int seconds = 300)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{address}/token")
        {
            Content = new FormUrlEncodedContent([new("grant_type", "client_credentials"), new("scope", "api"), new("resource", $"urn:{audience}:{algorithm}:{seconds}")]),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{who}:secret-of-{who}")));
        using var response = await client.SendAsync(request);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        return answer.TryGetProperty("access_token", out var token) && token.GetString() is { } text ? text : throw new InvalidOperationException($"No token: {answer.GetRawText()}");
    }

    private static (string, string)[] Group(int index, string group, string project, string role) =>
        [($"Oidc:Groups:{index}:Group", group), ($"Oidc:Groups:{index}:Project", project), ($"Oidc:Groups:{index}:Roles:0", role)];
}
