using System.Net.Http.Json;
using AiFactory.Contracts.Workers;

namespace AiFactory.Inference.Fleet;

/// <summary>The worker's one call to the library.</summary>
internal sealed class LibraryClient(IHttpClientFactory clients)
{
    public const string Name = "library";

    /// <exception cref="HttpRequestException">The library is away or refused.</exception>
    public async Task<WorkerOrders?> SendAsync(WorkerHeartbeat heartbeat, CancellationToken cancellationToken)
    {
        using var client = clients.CreateClient(Name);
        using var response = await client.PostAsJsonAsync("/internal/workers/heartbeat", heartbeat, FleetJson.Default.WorkerHeartbeat, cancellationToken);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadFromJsonAsync(FleetJson.Default.WorkerOrders, cancellationToken);
    }
}
