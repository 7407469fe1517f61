using System.Collections.Concurrent;
using AiFactory.ModelLibrary.Workers;

namespace AiFactory.ModelLibrary.Tests.Edges;

/// <summary>Says of the workers named that nothing listens at their address.</summary>
internal sealed class FakeProbe : IWorkerProbe
{
    internal ConcurrentDictionary<string, bool> Gone { get; } = new();

    public Task<bool> IsGoneAsync(string baseUrl, CancellationToken cancellationToken) => Task.FromResult(Gone.ContainsKey(baseUrl));
}
