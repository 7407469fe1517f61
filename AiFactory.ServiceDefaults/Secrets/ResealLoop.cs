using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Postgres;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AiFactory.ServiceDefaults.Secrets;

/// <summary>Seals anew, with <c>Secrets:Key</c>, what a service keeps under one of <c>Secrets:FormerKeys</c>, so that those may be forgotten. Without former keys it does nothing.</summary>
public abstract partial class ResealLoop(MigrationState migrations, CredentialSeal seal, IOptions<SecretsOptions> options, TimeProvider time, ILogger logger)
    : Loop(migrations, new Signal(), TimeSpan.FromHours(1), time, logger)
{
    private readonly TimeProvider _time = time;
    private readonly ILogger _logger = logger;
    private bool _waited;

    public override async Task<bool> RunOnceAsync(CancellationToken cancellationToken)
    {
        if (options.Value.FormerKeys.Count == 0)
        {
            return false;
        }

        if (!_waited)
        {
            await Task.Delay(options.Value.ResealAfter, _time, cancellationToken);
            _waited = true;
        }

        var count = 0;
        foreach (var kept in await ListAsync(cancellationToken))
        {
            count += seal.TryReseal(kept.Text, kept.Purpose, out var anew) && await ReplaceAsync(kept, anew, cancellationToken) ? 1 : 0;
        }

        if (count > 0)
        {
            LogResealed(_logger, GetType().Name, count);
        }

        return false;
    }

    /// <summary>All that is kept, whatever it was sealed with.</summary>
    protected abstract Task<IReadOnlyList<SealedText>> ListAsync(CancellationToken cancellationToken);

    /// <summary>False where it is no longer what it was: somebody has set another one meanwhile.</summary>
    protected abstract Task<bool> ReplaceAsync(SealedText kept, string anew, CancellationToken cancellationToken);

    [LoggerMessage(6301, LogLevel.Information, "{Loop} sealed {Count} credentials anew with Secrets:Key: they need Secrets:FormerKeys no more")]
    private static partial void LogResealed(ILogger logger, string loop, int count);
}
