using AiFactory.Contracts.Library;

namespace AiFactory.ModelLibrary.Sync;

internal static class SyncMapping
{
    internal static SyncResult ToResult(SyncRow row) =>
        new(row.Id, row.State, row.Error, row.Discovered, row.Added, row.Skipped, row.QueuedAt, row.FinishedAt);
}
