using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Outbox;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Metering;

/// <summary>The gateway's outbox, opened at the start; none where nothing is metered.</summary>
internal sealed class UsageOutbox(IOptions<MeteringOptions> options, IConfiguration configuration) : IDisposable
{
    public const string Database = "gatewaydb";

    /// <summary>What a burst can write while the next segment is made.</summary>
    private const int LargestSegment = 8 << 20;

    private readonly bool _enabled = IsEnabled(configuration);
    private bool _inheritedDelivered;
    private long _deliveredUntil;

    public static bool IsEnabled(IConfiguration configuration) => configuration.GetConnectionString(Database) is { Length: > 0 };

    public FileOutbox? File { get; private set; }

    /// <summary>Raised when the file has to be synced or lengthened.</summary>
    public Signal Wake { get; } = new();

    /// <summary>How far the database has it.</summary>
    public OutboxPosition Delivered { get; set; }

    /// <summary>Whether the database has all that an earlier process left there.</summary>
    public bool InheritedDelivered { get => Volatile.Read(ref _inheritedDelivered); set => Volatile.Write(ref _inheritedDelivered, value); }

    /// <summary>The ledger has all that ended here before then: a timestamp, 0 where that is not known yet.</summary>
    public long DeliveredUntil { get => Volatile.Read(ref _deliveredUntil); set => Volatile.Write(ref _deliveredUntil, value); }

    /// <summary>Opens the file, once.</summary>
    /// <exception cref="InvalidOperationException">Nothing can be kept there; the message names the setting.</exception>
    public FileOutbox? Open()
    {
        if (!_enabled || File is not null)
        {
            return File;
        }

        var folder = Path.GetFullPath(options.Value.Folder);
        try
        {
            // Two segments at least: one that is written while the other is made.
            return File = FileOutbox.Open(folder, (int)Math.Min(LargestSegment, options.Value.MaxBytes / 4), options.Value.MaxBytes);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException($"Metering:Folder '{folder}' cannot be used: {error.Message} It belongs to one gateway, which must be able to write there.", error);
        }
    }

    public void Dispose() => File?.Close(Delivered);
}
