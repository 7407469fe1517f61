using System.Text.Json;
using AiFactory.Gateway.Metering;
using AiFactory.ServiceDefaults.Loops;
using Npgsql;

namespace AiFactory.Gateway.Auditing;

/// <summary>Brings what the outbox has for the audit into its chain, a batch at a time. One that was delivered before is known by its id.</summary>
internal sealed partial class AuditDelivery(AuditStore store, MeteringTelemetry telemetry, ILogger<AuditDelivery> logger)
{
    private readonly List<AuditRecord> _batch = [];

    public void Begin() => _batch.Clear();

    public void Take(ReadOnlySpan<byte> entry)
    {
        try
        {
            _batch.Add(AuditRecord.FromEntry(entry));
        }
        catch (Exception error) when (error is InvalidDataException or JsonException)
        {
            telemetry.Lost("unreadable");
            LogUnreadable(logger, error.Message);
        }
    }

    public async Task DeliverAsync(CancellationToken cancellationToken)
    {
        if (_batch.Count == 0)
        {
            return;
        }

        try
        {
            await DeliverAsync(_batch, cancellationToken);
        }
        catch (PostgresException refused) when (Loop.IsForItsValues(refused))
        {
            // One that the database will never take must not hold up the others, nor the usage behind it.
            foreach (var record in _batch)
            {
                await DeliverAloneAsync(record, cancellationToken);
            }
        }
    }

    private async Task DeliverAsync(IReadOnlyList<AuditRecord> records, CancellationToken cancellationToken)
    {
        var head = await store.AppendAsync(records, cancellationToken);
        // Whoever keeps the log elsewhere can tell later whether the chain is still the one of today.
        LogHead(logger, head.Sequence, Convert.ToHexStringLower(head.Hash));
    }

    private async Task DeliverAloneAsync(AuditRecord record, CancellationToken cancellationToken)
    {
        try
        {
            await DeliverAsync([record], cancellationToken);
        }
        catch (PostgresException refused) when (Loop.IsForItsValues(refused))
        {
            telemetry.Lost("refused");
            LogRefused(logger, refused, JsonSerializer.Serialize(record, AuditJson.Default.AuditRecord));
        }
    }

    [LoggerMessage(1451, LogLevel.Information, "The audit has {Sequence} entries and the hash {Hash}")]
    private static partial void LogHead(ILogger logger, long sequence, string hash);

    [LoggerMessage(1452, LogLevel.Error, "An entry of the audit cannot be read ({Reason}) and is lost")]
    private static partial void LogUnreadable(ILogger logger, string reason);

    [LoggerMessage(1453, LogLevel.Error, "The database refuses an entry of the audit, which is left out: {Record}")]
    private static partial void LogRefused(ILogger logger, Exception error, string record);
}
