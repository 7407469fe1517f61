using System.Net;
using Polly;
using Polly.Timeout;

namespace AiFactory.ServiceDefaults.Resilience;

/// <summary>Which failures pass, and which requests may be sent again (RFC 9110, section 9.2.2).</summary>
internal static class HttpFailure
{
    public static bool IsTransient(Outcome<HttpResponseMessage> outcome) =>
        CountsAgainstService(outcome) || outcome.Result?.StatusCode == HttpStatusCode.TooManyRequests;

    /// <summary>A service that limits its callers is well; one that fails or is silent is not.</summary>
    public static bool CountsAgainstService(Outcome<HttpResponseMessage> outcome) => outcome switch
    {
        { Exception: HttpRequestException or TimeoutRejectedException or IOException } => true,
        { Result.StatusCode: >= HttpStatusCode.InternalServerError or HttpStatusCode.RequestTimeout } => true,
        _ => false,
    };

    public static bool MayRepeat(HttpRequestMessage request, bool unsafeMethodsToo) =>
        (unsafeMethodsToo || IsIdempotent(request.Method)) && HasRepeatableBody(request.Content);

    /// <summary>What the answer asks to wait; null when it does not say.</summary>
    public static TimeSpan? RetryAfter(HttpResponseMessage? response, TimeProvider time)
    {
        if (response?.Headers.RetryAfter is not { } header)
        {
            return null;
        }

        var wait = header.Delta ?? header.Date - time.GetUtcNow();
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    private static bool IsIdempotent(HttpMethod method) =>
        method == HttpMethod.Get || method == HttpMethod.Head || method == HttpMethod.Options
        || method == HttpMethod.Put || method == HttpMethod.Delete || method == HttpMethod.Trace;

    /// <summary>Bodies held in memory can be sent again. A stream cannot, and is never buffered for it.</summary>
    private static bool HasRepeatableBody(HttpContent? content) =>
        content is null or ByteArrayContent or ReadOnlyMemoryContent or System.Net.Http.Json.JsonContent;
}
