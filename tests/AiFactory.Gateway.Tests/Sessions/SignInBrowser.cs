using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using AiFactory.Gateway.Tests.Edges;

namespace AiFactory.Gateway.Tests.Sessions;

/// <summary>A browser without a screen: it follows redirects, keeps cookies and fills in oidc-provider's two forms.</summary>
internal sealed partial class SignInBrowser : IDisposable
{
    private readonly CookieContainer _cookies;
    private readonly HttpClient _client;

    public SignInBrowser(GatewayUnderTest gateway)
    {
        _cookies = new CookieContainer();
        _client = new HttpClient(new HttpClientHandler { CookieContainer = _cookies }) { BaseAddress = gateway.Client.BaseAddress, Timeout = TimeSpan.FromSeconds(60) };
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <returns>Path and query of the page of the console that the person comes to.</returns>
    public async Task<string> SignInAsync(string who, string returnTo = "/p/default/keys", bool consents = true)
    {
        using var login = await GetAsync($"/api/session/oidc/begin?return={Uri.EscapeDataString(returnTo)}");
        if (login.RequestMessage?.RequestUri is { } at && IsOurs(at))
        {
            return at.PathAndQuery; // the provider was not reached, or knew the person already
        }

        using var consent = await PostAsync(login, ("prompt", "login"), ("login", who), ("password", "any"));
        if (!consents)
        {
            var abort = $"{consent.RequestMessage?.RequestUri}/abort";
            using var aborted = await GetAsync(abort);
            return PathOf(aborted);
        }

        if (IsOurs(consent.RequestMessage?.RequestUri ?? new Uri("about:blank")))
        {
            return PathOf(consent);
        }

        using var done = await PostAsync(consent, ("prompt", "consent"));
        return PathOf(done);
    }

    public Task<HttpResponseMessage> GetAsync(string address) => _client.GetAsync(new Uri(address, UriKind.RelativeOrAbsolute), Token);

    public async Task<(HttpStatusCode Status, JsonElement Body)> SessionAsync() => await ReadAsync(await GetAsync("/api/session"));

    public async Task<(HttpStatusCode Status, JsonElement Body)> ChangeAsync(HttpMethod method, string path)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        request.Headers.Add("x-aifactory-console", "1");
        return await ReadAsync(await _client.SendAsync(request, Token));
    }

    /// <summary>What a request to this path would carry.</summary>
    public string Cookie(string path, string name) => _cookies.GetCookies(new Uri(_client.BaseAddress ?? new Uri("about:blank"), path))[name]?.Value ?? "";

    public void Dispose() => _client.Dispose();

    private static async Task<(HttpStatusCode Status, JsonElement Body)> ReadAsync(HttpResponseMessage response)
    {
        using (response)
        {
            var text = await response.Content.ReadAsStringAsync(Token);
            return (response.StatusCode, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement);
        }
    }

    private async Task<HttpResponseMessage> PostAsync(HttpResponseMessage page, params (string Name, string Value)[] fields)
    {
        var html = await page.Content.ReadAsStringAsync(Token);
        var action = Action().Match(html);
        action.Success.ShouldBeTrue($"{page.RequestMessage?.RequestUri} should have a form: {html}");
        using var form = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));
        return await _client.PostAsync(new Uri(page.RequestMessage?.RequestUri ?? new Uri("about:blank"), WebUtility.HtmlDecode(action.Groups[1].Value)), form, Token);
    }

    private bool IsOurs(Uri address) => address.Authority == _client.BaseAddress?.Authority;

    private string PathOf(HttpResponseMessage response)
    {
        var at = response.RequestMessage?.RequestUri ?? new Uri("about:blank");
        IsOurs(at).ShouldBeTrue($"the browser should be at the console and is at {at}");
        return at.PathAndQuery;
    }

    [GeneratedRegex("<form[^>]*action=\"([^\"]+)\"")]
    private static partial Regex Action();
}
