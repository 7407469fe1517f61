using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Builder.Knowledge.Documents;

/// <summary>
/// Removes objects that no document refers to: an upload whose process died between the bytes and the row, or a document that was deleted while object
/// storage was away. Young ones are left alone: their row may be on its way.
/// </summary>
internal sealed partial class DocumentSweep(MigrationState migrations, DocumentStore store, DocumentObjects objects, TimeProvider time, ILogger<DocumentSweep> logger)
    : Loop(migrations, new Signal(), TimeSpan.FromHours(1), time, logger)
{
    private static readonly TimeSpan Young = TimeSpan.FromHours(1);

    private readonly TimeProvider _time = time;
    private readonly ILogger<DocumentSweep> _logger = logger;

    public override async Task<bool> RunOnceAsync(CancellationToken cancellationToken)
    {
        var before = _time.GetUtcNow() - Young;
        string? after = null;
        do
        {
            var page = await objects.ListAsync(after, cancellationToken);
            var prefixes = page.Objects
                .Where(info => info.LastModified < before)
                .Select(info => info.Key[..info.Key.LastIndexOf('/')])
                .Distinct()
                .ToArray();
            foreach (var prefix in await store.UnknownPrefixesAsync(prefixes, cancellationToken))
            {
                await objects.DeleteAsync(prefix, cancellationToken);
                LogSwept(_logger, prefix);
            }

            after = page.Next;
        }
        while (after is not null);

        return false;
    }

    [LoggerMessage(4341, LogLevel.Information, "Removed {Prefix}, which no document refers to")]
    private static partial void LogSwept(ILogger logger, string prefix);
}
