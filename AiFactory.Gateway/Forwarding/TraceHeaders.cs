using System.Diagnostics;
using System.Net.Http.Headers;
using Microsoft.Net.Http.Headers;

namespace AiFactory.Gateway.Forwarding;

/// <summary>The trace goes on (https://www.w3.org/TR/trace-context/): under our span where there is one, else under the client's as it came.</summary>
internal static class TraceHeaders
{
    public static void Write(HttpRequestHeaders headers, Activity? span, IHeaderDictionary incoming)
    {
        span ??= Activity.Current;
        if (span is { IdFormat: ActivityIdFormat.W3C })
        {
            headers.TryAddWithoutValidation(HeaderNames.TraceParent, span.Id);
            if (span.TraceStateString is { Length: > 0 } state)
            {
                headers.TryAddWithoutValidation(HeaderNames.TraceState, state);
            }

            return;
        }

        if (incoming.TraceParent is [{ } parent])
        {
            headers.TryAddWithoutValidation(HeaderNames.TraceParent, parent);
            if (incoming.TraceState is [{ } state])
            {
                headers.TryAddWithoutValidation(HeaderNames.TraceState, state);
            }
        }
    }
}
