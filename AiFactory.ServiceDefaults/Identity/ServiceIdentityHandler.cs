using System.Net.Http.Headers;

namespace AiFactory.ServiceDefaults.Identity;

/// <summary>Attaches this service's own identity to a call that carries none; one token serves half of its life.</summary>
internal sealed class ServiceIdentityHandler(string role, IdentityTokens tokens, TimeProvider time) : DelegatingHandler
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Reuse = TimeSpan.FromSeconds(30);

    private readonly InternalIdentity _identity = InternalIdentity.ForService(role);
    private volatile Issued? _issued;

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Authorization ??= Current();
        return base.SendAsync(request, cancellationToken);
    }

    private AuthenticationHeaderValue Current()
    {
        var now = time.GetTimestamp();
        if (_issued is not { } issued || time.GetElapsedTime(issued.At, now) > Reuse)
        {
            _issued = issued = new Issued(new AuthenticationHeaderValue("Bearer", tokens.Issue(_identity, Lifetime)), now);
        }

        return issued.Header;
    }

    private sealed record Issued(AuthenticationHeaderValue Header, long At);
}
