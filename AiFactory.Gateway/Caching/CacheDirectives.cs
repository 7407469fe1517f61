using Microsoft.Net.Http.Headers;

namespace AiFactory.Gateway.Caching;

/// <summary>
/// What a request says of caches, by RFC 9111, section 5.2.1: <c>no-cache</c> wants an answer made anew, which is kept; <c>no-store</c> wants its answer not kept, and may be given one that is;
/// <c>max-age</c> wants none that is older. Our own <c>x-aifactory-cache: bypass</c> wants nothing to do with it.
/// </summary>
/// <param name="Reads">Whether an answer that is kept may be given.</param>
/// <param name="Keeps">Whether this one may be kept.</param>
internal readonly record struct CacheDirectives(bool Reads, bool Keeps, TimeSpan? MaxAge)
{
    private const string Bypass = "bypass";

    public static CacheDirectives Of(IHeaderDictionary headers)
    {
        if (headers[CacheMarks.Header] is [{ } ours] && ours.Trim().Equals(Bypass, StringComparison.OrdinalIgnoreCase))
        {
            return default;
        }

        return headers.CacheControl is { Count: > 0 } said && CacheControlHeaderValue.TryParse(said.ToString(), out var control)
            ? new CacheDirectives(!control.NoCache, !control.NoStore, control.MaxAge)
            : new CacheDirectives(true, true, null);
    }

    /// <summary>Nor one that is older than the policy has it now, whatever it said when the answer was kept.</summary>
    public CacheDirectives Within(TimeSpan ttl) => this with { MaxAge = MaxAge < ttl ? MaxAge : ttl };

    public bool Takes(CacheEntry entry, DateTimeOffset now) => entry.ExpiresAt > now && (MaxAge is null || now - entry.StoredAt <= MaxAge);
}
