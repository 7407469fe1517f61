using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Gateway.Caching;

/// <summary>Stores answers behind the requests that they came with.</summary>
internal sealed class StoredAnswersWriter(StoredAnswers stored, MigrationState migrations) : BackgroundService
{
    /// <summary>Of one statement.</summary>
    private const int MostRows = 500;
    private const long MostBytes = 4 << 20;

    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(2);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);

        // What came since the last batch: another gateway, or this one when it is back, has use for it.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(StopPatience);
        try
        {
            while (await RunOnceAsync(limit.Token))
            {
            }
        }
        catch (OperationCanceledException)
        {
            // It is computed again.
        }
    }

    /// <summary>One batch of what waits. False when nothing does.</summary>
    public async Task<bool> RunOnceAsync(CancellationToken cancellationToken)
    {
        var batch = new List<(CacheKey Key, CacheEntry Entry)>();
        for (var bytes = 0L; batch.Count < MostRows && bytes < MostBytes && stored.Waiting.TryRead(out var one); bytes += one.Entry.Size)
        {
            batch.Add(one);
        }

        if (batch.Count > 0)
        {
            await stored.PutAsync(batch, cancellationToken);
        }

        return batch.Count > 0;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await migrations.Completed.WaitAsync(stoppingToken);
            while (await stored.Waiting.WaitToReadAsync(stoppingToken))
            {
                await RunOnceAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
        catch (MigrationException)
        {
            // The worker of the migrations has said so.
        }
    }
}
