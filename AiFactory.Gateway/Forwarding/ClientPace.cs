using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace AiFactory.Gateway.Forwarding;

/// <summary>For large answers that others wait for: who reads one slowly keeps its place, and is cut off instead.</summary>
internal static class ClientPace
{
    /// <summary>Bytes a second: 8 MB take two minutes.</summary>
    private const double Slowest = 64 * 1024;

    /// <summary>Over HTTP/1.1, where a connection is one client's.</summary>
    public static void Ask(HttpContext context)
    {
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } pace)
        {
            pace.MinDataRate = new MinDataRate(Slowest, TimeSpan.FromSeconds(10));
        }
    }
}
