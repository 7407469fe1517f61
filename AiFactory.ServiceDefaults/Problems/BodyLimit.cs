using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace AiFactory.ServiceDefaults.Problems;

/// <summary>The largest body of a request that a service takes, where no route says otherwise, and the setting that says so.</summary>
internal sealed record BodyLimit(string Setting, long Bytes)
{
    /// <summary>What whoever sent a larger body than the route takes is told.</summary>
    /// <param name="own">The service's own limit, which the route may have changed.</param>
    internal static string? Describe(HttpContext context, BodyLimit? own) =>
        context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize is { } limit
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"The body is larger than {(limit >= 1 << 20 ? $"{limit >> 20} MiB" : $"{limit} bytes")}, the most that is taken here{(limit == own?.Bytes ? $" (setting {own.Setting})" : "")}.")
            : null;
}
