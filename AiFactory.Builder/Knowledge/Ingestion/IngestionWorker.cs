using AiFactory.Builder.Knowledge.Bases;
using AiFactory.Builder.Knowledge.Documents;
using AiFactory.Builder.Knowledge.Parsing;
using AiFactory.Builder.Models;
using AiFactory.Builder.Runs;
using AiFactory.Builder.Telemetry;
using AiFactory.Contracts.Builder.Knowledge;
using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Postgres;
using Microsoft.Extensions.Options;

namespace AiFactory.Builder.Knowledge.Ingestion;

/// <summary>
/// Claims a document and takes it as far as it goes: parsed, embedded, ready. What the document is at fault for fails it; what may pass puts it off, each
/// time for longer; a worker that was killed is followed by another one when its lease is over, which goes on behind the last batch.
/// </summary>
internal sealed partial class IngestionWorker(
    MigrationState migrations,
    IngestionSignal signal,
    KnowledgeBaseStore bases,
    IngestionStore store,
    ParseStep parse,
    EmbedStep embed,
    BuilderTelemetry telemetry,
    IOptions<KnowledgeOptions> options,
    TimeProvider time,
    ILogger<IngestionWorker> logger) : Loop(migrations, signal.Signal, TimeSpan.FromSeconds(1), time, logger)
{
    /// <summary>Whatever ends the process each time is not tried for ever.</summary>
    private const int MostDeaths = 5;

    private const int LongestError = 2000;

    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly Leases _leases = new(options.Value.Lease, time);
    private readonly TimeProvider _time = time;
    private readonly ILogger<IngestionWorker> _logger = logger;

    public override async Task<bool> RunOnceAsync(CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        if (await store.ClaimAsync(id, now, now + _leases.Duration, cancellationToken) is not { } document
            || await bases.FindAsync(document.BaseId, cancellationToken) is not { } owner)
        {
            return false;
        }

        var claim = new Claim(id, document, owner);
        using var activity = telemetry.Source.StartActivity("take in document")?.SetTag("aifactory.document.id", document.Id);
        try
        {
            await RunAsync(claim, cancellationToken);
        }
        catch (LeaseLostException)
        {
            LogLost(_logger, document.Id);
        }
        catch (DocumentException error)
        {
            await FailAsync(claim, error.Message, cancellationToken);
        }
        catch (ModelCallException error)
        {
            await PostponeOrFailAsync(claim, error, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The process stops: the next one goes on at once instead of after the lease.
            await store.ReleaseAsync(claim, document.Error, document.Attempts, _time.GetUtcNow(), _time.GetUtcNow(), CancellationToken.None);
            throw;
        }
        catch (Exception error) when (IsAway(error) || error is OperationCanceledException)
        {
            // Clients of HTTP say with a cancellation that their own time is over.
            await PostponeAsync(claim, error, "Something that the builder needs is away", cancellationToken);
        }
        catch (Exception error)
        {
            // A bug that one document brings out fails that document: thrown on, it would stop the host, and stop it again after each start.
            LogUnforeseen(_logger, error, document.Id, document.ContentType);
            await FailAsync(claim, $"Taking the document in failed in a way that was not foreseen: {error.Message}", cancellationToken);
        }

        return true;
    }

    private async Task RunAsync(Claim claim, CancellationToken cancellationToken)
    {
        if (claim.Document.Deaths > MostDeaths)
        {
            throw new DocumentException($"The process that worked on this document ended {claim.Document.Deaths} times while it did. It is tried again only when asked to.");
        }

        var finished = await _leases.HoldAsync(
            (until, token) => store.RenewAsync(claim, until, token),
            async token =>
            {
                var document = claim.Document.State == DocumentStates.Parsing ? await parse.RunAsync(claim, token) : claim.Document;
                return await embed.RunAsync(claim with { Document = document }, token);
            },
            cancellationToken);
        if (finished)
        {
            LogReady(_logger, claim.Document.Id, claim.Document.ContentType, claim.Document.Size);
            return;
        }

        // Behind all that wait.
        var now = _time.GetUtcNow();
        await store.ReleaseAsync(claim, error: null, attempts: 0, now, now, cancellationToken);
    }

    /// <summary>A model that is not there yet may come; a text that it refuses stays refused.</summary>
    private Task PostponeOrFailAsync(Claim claim, ModelCallException error, CancellationToken cancellationToken)
    {
        var mayPass = error.IsTransient || error.Status is 401 or 403 or 404;
        return mayPass
            ? PostponeAsync(claim, error, $"The model '{claim.Base.EmbeddingModel}' does not embed now", cancellationToken)
            : FailAsync(claim, $"The model '{claim.Base.EmbeddingModel}' refused to embed: {error.Message}", cancellationToken);
    }

    private async Task PostponeAsync(Claim claim, Exception error, string what, CancellationToken cancellationToken)
    {
        // The steps count from 0 again with each batch that comes through.
        var attempts = (await store.AttemptsAsync(claim, cancellationToken) ?? claim.Document.Attempts) + 1;
        if (attempts >= options.Value.Attempts)
        {
            await FailAsync(claim, $"Given up after {attempts} attempts. {what}: {error.Message}", cancellationToken);
            return;
        }

        var now = _time.GetUtcNow();
        var pause = TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, 0.5 * Math.Pow(2, Math.Min(attempts - 1, 10))));
        await store.ReleaseAsync(claim, Kept($"{what}, and is tried again (attempt {attempts}): {error.Message}"), attempts, now + pause, now, cancellationToken);
        LogPostponed(_logger, error, claim.Document.Id, attempts, pause.TotalSeconds);
    }

    private async Task FailAsync(Claim claim, string reason, CancellationToken cancellationToken)
    {
        reason = Kept(reason);
        await store.FailAsync(claim, reason, _time.GetUtcNow(), cancellationToken);
        LogFailed(_logger, claim.Document.Id, claim.Document.ContentType, reason);
    }

    /// <summary>Part of it may be a model's own words, of any length and with any character.</summary>
    private static string Kept(string error) => StorableText.Start(StorableText.Clean(error), LongestError);

    [LoggerMessage(4351, LogLevel.Information, "Document {Document} ({ContentType}, {Size} bytes) is ready")]
    private static partial void LogReady(ILogger logger, Guid document, string contentType, long size);

    [LoggerMessage(4352, LogLevel.Warning, "Document {Document} is put off at attempt {Attempt} for {Seconds} s")]
    private static partial void LogPostponed(ILogger logger, Exception error, Guid document, int attempt, double seconds);

    [LoggerMessage(4303, LogLevel.Warning, "Document {Document} ({ContentType}) failed: {Reason}")]
    private static partial void LogFailed(ILogger logger, Guid document, string contentType, string reason);

    [LoggerMessage(4305, LogLevel.Error, "Document {Document} ({ContentType}) failed in a way that was not foreseen")]
    private static partial void LogUnforeseen(ILogger logger, Exception error, Guid document, string contentType);

    [LoggerMessage(4304, LogLevel.Information, "Document {Document} is another's now, or gone")]
    private static partial void LogLost(ILogger logger, Guid document);
}
