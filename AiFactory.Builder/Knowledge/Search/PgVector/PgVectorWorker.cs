using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Postgres;
using Microsoft.Extensions.Options;

namespace AiFactory.Builder.Knowledge.Search.PgVector;

/// <summary>Looks whether the database has pgvector, and gives each base its index. Until then, and without it, the search is exact.</summary>
internal sealed partial class PgVectorWorker(
    MigrationState migrations,
    VectorIndexes indexes,
    PgVectorIndex index,
    IOptions<KnowledgeOptions> options,
    TimeProvider time,
    ILogger<PgVectorWorker> logger) : Loop(migrations, indexes.Signal, TimeSpan.FromSeconds(30), time, logger)
{
    private readonly ILogger<PgVectorWorker> _logger = logger;
    private string? _said;

    public override async Task<bool> RunOnceAsync(CancellationToken cancellationToken)
    {
        if (!options.Value.PgVector)
        {
            return false;
        }

        var (available, reason) = await index.EnableAsync(cancellationToken);
        if (available != indexes.HasPgVector)
        {
            indexes.HasPgVector = available;
            LogFound(_logger, available);
        }

        if (reason is not null && reason != _said)
        {
            LogRefused(_logger, _said = reason);
        }

        foreach (var id in available ? await index.TendAsync(cancellationToken) : [])
        {
            LogIndexed(_logger, id);
        }

        return false;
    }

    [LoggerMessage(4321, LogLevel.Information, "pgvector in the database: {Available}")]
    private static partial void LogFound(ILogger logger, bool available);

    [LoggerMessage(4322, LogLevel.Warning, "The server has pgvector, but it may not be installed in this database: {Reason} Search is exact, in memory")]
    private static partial void LogRefused(ILogger logger, string reason);

    [LoggerMessage(4323, LogLevel.Information, "Knowledge base {Base} has an index of its vectors")]
    private static partial void LogIndexed(ILogger logger, Guid @base);
}
