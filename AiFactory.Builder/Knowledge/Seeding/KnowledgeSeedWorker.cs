using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Builder.Knowledge.Seeding;

/// <summary>Looks at the directories of the seed now and then: what changes in them comes in by itself.</summary>
internal sealed partial class KnowledgeSeedWorker(MigrationState migrations, KnowledgeSeed seed, TimeProvider time, ILogger<KnowledgeSeedWorker> logger)
    : Loop(migrations, new Signal(), TimeSpan.FromMinutes(1), time, logger)
{
    private readonly ILogger<KnowledgeSeedWorker> _logger = logger;
    private string _said = "";

    public override async Task<bool> RunOnceAsync(CancellationToken cancellationToken)
    {
        var (uploaded, complaints) = await seed.RunOnceAsync(cancellationToken);
        if (uploaded > 0)
        {
            LogUploaded(_logger, uploaded);
        }

        var text = string.Join(" ", complaints);
        if (text.Length > 0 && text != _said)
        {
            LogComplaints(_logger, text);
        }

        _said = text;
        return false;
    }

    [LoggerMessage(4331, LogLevel.Information, "The seed has uploaded {Count} documents")]
    private static partial void LogUploaded(ILogger logger, int count);

    [LoggerMessage(4332, LogLevel.Warning, "The seed of knowledge is not complete: {Complaints}")]
    private static partial void LogComplaints(ILogger logger, string complaints);
}
