using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Management;

namespace AiFactory.Gateway.Snapshots;

/// <summary>Asks the library for the routing snapshot, in the gateway's own name.</summary>
internal sealed class SnapshotClient(IHttpClientFactory clients)
{
    /// <summary>Waits at the library until there is a version newer than <paramref name="after"/>; null when there was none for a while.</summary>
    /// <param name="after">0 asks for the newest one at once.</param>
    public async Task<RoutingSnapshot?> GetAsync(long after, CancellationToken cancellationToken)
    {
        using var client = clients.CreateClient(ServiceClients.Library);
        var path = string.Create(CultureInfo.InvariantCulture, $"/internal/snapshot?after={after}");
        using var response = await client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.StatusCode == HttpStatusCode.NoContent)
        {
            return null;
        }

        response.EnsureSuccessStatusCode();
        return SnapshotJson.Verify(await response.Content.ReadFromJsonAsync(SnapshotJson.Default.RoutingSnapshot, cancellationToken));
    }
}
