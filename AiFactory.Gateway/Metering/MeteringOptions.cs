using System.ComponentModel.DataAnnotations;

namespace AiFactory.Gateway.Metering;

/// <summary>The settings under <c>Metering</c>. What is metered goes to the database that <c>ConnectionStrings:gatewaydb</c> names; without one nothing is.</summary>
internal sealed class MeteringOptions
{
    public const string Section = "Metering";

    /// <summary>The folder in which records wait for the database. It belongs to one process.</summary>
    [Required(ErrorMessage = "Metering:Folder is empty. It is the folder in which usage records wait for the database.")]
    public string Folder { get; set; } = Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
        "aifactory", "gateway", "outbox");

    /// <summary>How much may wait there: at some 600 bytes a request, the default holds 1.7 million.</summary>
    [Range(4L << 20, 1L << 40, ErrorMessage = "Metering:MaxBytes must lie between 4194304 and 1099511627776.")]
    public long MaxBytes { get; set; } = 1L << 30;

    /// <summary>How long a record may be in the kernel's memory alone: what a power cut loses at most. The end of the process loses nothing.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00", ErrorMessage = "Metering:SyncInterval must lie between 1 millisecond and one minute.")]
    public TimeSpan SyncInterval { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How often records go to the database.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:05:00", ErrorMessage = "Metering:ShipInterval must lie between 10 milliseconds and five minutes.")]
    public TimeSpan ShipInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether a model goes on being served when a record of it cannot be kept (it is counted as lost), or is refused with 503.</summary>
    public bool ServeUnmetered { get; set; } = true;

    /// <summary>Whether streams are asked for their usage when the client did not ask. Without it a stream's tokens are an estimate unless the client asks.</summary>
    public bool AskUsage { get; set; } = true;

    /// <summary>How long the ledger keeps a request.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "36500.00:00:00", ErrorMessage = "Metering:Retention must lie between one day and a hundred years.")]
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(400);
}
