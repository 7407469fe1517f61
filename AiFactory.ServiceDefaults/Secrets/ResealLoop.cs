using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Postgres;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AiFactory.ServiceDefaults.Secrets;

/// <summary>Seals anew, with <c>Secrets:Key</c>, what a service keeps under one of <c>Secrets:OtherKeys</c>, and says each time how far that is; without other keys it does nothing.</summary>
public abstract partial class ResealLoop(MigrationState migrations, CredentialSeal seal, IOptions<SecretsOptions> options, TimeProvider time, ILogger logger)
    : Loop(migrations, new Signal(), TimeSpan.FromHours(1), time, logger)
{
    private readonly TimeProvider _time = time;
    private readonly ILogger _logger = logger;
    private bool _waited;

    public override async Task<bool> RunOnceAsync(CancellationToken cancellationToken)
    {
        if (options.Value.OtherKeys.Count == 0)
        {
            return false;
        }

        if (!_waited)
        {
            await Task.Delay(options.Value.ResealAfter, _time, cancellationToken);
            _waited = true;
        }

        var (own, anew, closed) = (0, 0, 0);
        foreach (var kept in await ListAsync(cancellationToken))
        {
            if (seal.IsOwn(kept.Text))
            {
                own++;
            }
            else if (!seal.TryReseal(kept.Text, kept.Purpose, out var text))
            {
                closed++;
            }
            else if (await ReplaceAsync(kept, text, cancellationToken))
            {
                anew++;
            }
        }

        LogResealed(_logger, GetType().Name, anew, own, closed);
        return false;
    }

    /// <summary>All that is kept, whatever it was sealed with.</summary>
    protected abstract Task<IReadOnlyList<SealedText>> ListAsync(CancellationToken cancellationToken);

    /// <summary>False where it is no longer what it was: somebody has set another one meanwhile.</summary>
    protected abstract Task<bool> ReplaceAsync(SealedText kept, string anew, CancellationToken cancellationToken);

    [LoggerMessage(6301, LogLevel.Information, "{Loop}: {Anew} credentials were sealed anew with Secrets:Key, {Own} were before, {Closed} open with no key that is known. Where nothing is sealed anew any more, Secrets:OtherKeys may go")]
    private static partial void LogResealed(ILogger logger, string loop, int anew, int own, int closed);
}
