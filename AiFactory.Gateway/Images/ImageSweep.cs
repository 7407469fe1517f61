using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Objects;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Gateway.Images;

/// <summary>Removes images whose addresses have expired.</summary>
internal sealed class ImageSweep(MigrationState migrations, ImageStore store, IObjectStore objects, TimeProvider time, ILogger<ImageSweep> logger)
    : Loop(migrations, new Signal(), TimeSpan.FromMinutes(5), time, logger)
{
    private const int AtOnce = 100;

    private readonly TimeProvider _time = time;

    public override async Task<bool> RunOnceAsync(CancellationToken cancellationToken)
    {
        var expired = await store.ExpiredAsync(_time.GetUtcNow(), AtOnce, cancellationToken);
        foreach (var id in expired)
        {
            // The row goes last: what dies between is done again.
            await objects.DeleteAsync(ImageVault.Key(id), cancellationToken);
            await store.RemoveAsync(id, cancellationToken);
        }

        return expired.Count == AtOnce;
    }
}
