using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using AiFactory.Gateway.Tests.Edges;

namespace AiFactory.Gateway.Tests.Sessions;

/// <summary>A browser without a screen: it follows redirects, keeps cookies, shows the strict ones to no request that another site's page began or led to, and fills in oidc-provider's two forms.</summary>
internal sealed partial class SignInBrowser : IDisposable
{
    private const int MostRedirects = 20;

    private readonly CookieContainer _cookies = new();
    private readonly HashSet<string> _strict = [];
    private readonly Uri _home;
    private readonly HttpClient _client;

    public SignInBrowser(GatewayUnderTest gateway)
    {
        _home = gateway.Client.BaseAddress.ShouldNotBeNull();
        _client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = TimeSpan.FromSeconds(60) };
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

    public Task<HttpResponseMessage> GetAsync(string address) => SendAsync(new HttpRequestMessage(HttpMethod.Get, new Uri(_home, address)), _home);

    public async Task<(HttpStatusCode Status, JsonElement Body)> SessionAsync() => await ReadAsync(await GetAsync("/api/session"));

    public async Task<(HttpStatusCode Status, JsonElement Body)> ChangeAsync(HttpMethod method, string path)
    {
        using var request = new HttpRequestMessage(method, new Uri(_home, path));
        request.Headers.Add("x-aifactory-console", "1");
        return await ReadAsync(await SendAsync(request, _home));
    }

    /// <summary>What a request to this path would carry.</summary>
    public string Cookie(string path, string name) => _cookies.GetCookies(new Uri(_home, path))[name]?.Value ?? "";

    public void Keep(string path, string name, string value) => _cookies.Add(_home, new Cookie(name, value, path));

    /// <summary>Whoever sits down next is nobody to the provider.</summary>
    public void ForgetProvider()
    {
        foreach (var cookie in _cookies.GetAllCookies().Where(cookie => !cookie.Name.StartsWith("aifactory_", StringComparison.Ordinal)))
        {
            cookie.Expired = true;
        }
    }

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
        var at = (page.RequestMessage?.RequestUri).ShouldNotBeNull();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(at, WebUtility.HtmlDecode(action.Groups[1].Value))) { Content = form };
        return await SendAsync(request, at);
    }

    /// <param name="from">The page that begins it.</param>
    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, Uri from)
    {
        var isOwn = IsOurs(from);
        for (var redirects = 0; redirects < MostRedirects; redirects++)
        {
            var at = request.RequestUri.ShouldNotBeNull();
            isOwn &= IsOurs(at);
            var shown = _cookies.GetCookies(at).Where(cookie => isOwn || !_strict.Contains(cookie.Name)).Select(cookie => $"{cookie.Name}={cookie.Value}").ToArray();
            if (shown.Length > 0)
            {
                request.Headers.Add("Cookie", string.Join("; ", shown));
            }

            var response = await _client.SendAsync(request, Token);
            foreach (var cookie in response.Headers.TryGetValues("Set-Cookie", out var given) ? given : [])
            {
                Keep(at, cookie);
            }

            if (response.Headers.Location is not { } next)
            {
                return response;
            }

            response.Dispose();
            request = new HttpRequestMessage(HttpMethod.Get, new Uri(at, next));
        }

        throw new InvalidOperationException($"More than {MostRedirects} redirects, the last to {request.RequestUri}");
    }

    private void Keep(Uri at, string cookie)
    {
        _strict.Remove(cookie.Split('=')[0]);
        if (cookie.Contains("samesite=strict", StringComparison.OrdinalIgnoreCase))
        {
            _strict.Add(cookie.Split('=')[0]);
        }

        try
        {
            _cookies.SetCookies(at, cookie);
        }
        catch (CookieException)
        {
            // Too large, or for elsewhere: no browser keeps it.
        }
    }

    private bool IsOurs(Uri address) => address.Authority == _home.Authority;

    private string PathOf(HttpResponseMessage response)
    {
        var at = response.RequestMessage?.RequestUri ?? new Uri("about:blank");
        IsOurs(at).ShouldBeTrue($"the browser should be at the console and is at {at}");
        return at.PathAndQuery;
    }

    [GeneratedRegex("<form[^>]*action=\"([^\"]+)\"")]
    private static partial Regex Action();
}
