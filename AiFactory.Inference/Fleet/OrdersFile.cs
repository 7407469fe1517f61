using System.Text.Json;
using AiFactory.Contracts.Workers;
using AiFactory.Inference.Weights;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.Fleet;

/// <summary>
/// The last orders, on disk: a worker that starts while the library is away serves what it served before. Workers that share a folder each hold one place in it,
/// <c>worker-0</c>, <c>worker-1</c> and so on, by a lock that ends with the process.
/// </summary>
internal sealed partial class OrdersFile : IDisposable
{
    private const int MostWorkers = 256;

    private readonly FileStream _lock;
    private readonly string _path;
    private readonly ILogger _logger;

    public OrdersFile(IOptions<WorkerOptions> worker, IOptions<WeightsOptions> weights, ILogger<OrdersFile> logger)
    {
        var directory = worker.Value.StateDirectory is { Length: > 0 } set ? set : Path.Combine(weights.Value.EffectiveDirectory, "orders");
        Directory.CreateDirectory(directory);
        _logger = logger;
        (_lock, var place) = TakePlace(directory);
        _path = Path.Combine(directory, $"worker-{place}.json");
    }

    public async Task<WorkerOrders?> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var file = File.OpenRead(_path);
            return await JsonSerializer.DeserializeAsync(file, FleetJson.Default.WorkerOrders, cancellationToken);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (Exception error) when (error is IOException or JsonException or UnauthorizedAccessException)
        {
            LogUnreadable(_logger, error, _path);
            return null;
        }
    }

    /// <summary>Replaces the file whole. A disk that refuses costs only the memory of the orders.</summary>
    public async Task WriteAsync(WorkerOrders orders, CancellationToken cancellationToken)
    {
        try
        {
            var next = _path + ".next";
            await File.WriteAllBytesAsync(next, JsonSerializer.SerializeToUtf8Bytes(orders, FleetJson.Default.WorkerOrders), cancellationToken);
            File.Move(next, _path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            LogUnwritable(_logger, error, _path);
        }
    }

    public void Dispose() => _lock.Dispose();

    private static (FileStream Lock, int Place) TakePlace(string directory)
    {
        for (var place = 0; place < MostWorkers; place++)
        {
            try
            {
                return (new FileStream(Path.Combine(directory, $"worker-{place}.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None), place);
            }
            catch (IOException)
            {
                // Another worker of this machine holds it.
            }
        }

        throw new InvalidOperationException($"{MostWorkers} workers share {directory}: set Worker:StateDirectory.");
    }

    [LoggerMessage(3301, LogLevel.Warning, "The last orders in {Path} cannot be read: starting without them")]
    private static partial void LogUnreadable(ILogger logger, Exception error, string path);

    [LoggerMessage(3302, LogLevel.Warning, "The orders cannot be remembered in {Path}")]
    private static partial void LogUnwritable(ILogger logger, Exception error, string path);
}
