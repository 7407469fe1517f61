using System.ComponentModel.DataAnnotations;

namespace AiFactory.Builder.Knowledge;

internal sealed class KnowledgeOptions
{
    /// <summary>The largest document, in bytes. One is read whole to be parsed, so this bounds the memory: at most <see cref="Parallel"/> times this.</summary>
    [Range(1, 1L << 31, ErrorMessage = "Knowledge:MaximumDocumentBytes must lie between 1 and 2147483648.")]
    public long MaximumDocumentBytes { get; set; } = 64L << 20;

    /// <summary>The longest text of a document, in characters; a small file can unpack to a very long one.</summary>
    [Range(1, 256 << 20, ErrorMessage = "Knowledge:MaximumTextLength must lie between 1 and 268435456.")]
    public int MaximumTextLength { get; set; } = 16 << 20;

    /// <summary>
    /// What one PDF may unpack to, in bytes, without its fonts and pictures; at most <see cref="Parallel"/> times this is held. Unless it is set, an eighth of the memory that
    /// the process may use, and at most 512 MiB.
    /// </summary>
    [Range(1 << 20, 1L << 40, ErrorMessage = "Knowledge:MaximumPdfBytes must lie between 1048576 and 1099511627776.")]
    public long MaximumPdfBytes { get; set; } = ProcessMemory.Share(8, 512L << 20);

    /// <summary>How long parsing one document may take.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ErrorMessage = "Knowledge:ParseTimeout must lie between one second and one hour.")]
    public TimeSpan ParseTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Documents of one project that wait to be taken in, or are being; an upload beyond it is refused.</summary>
    [Range(1, 1_000_000, ErrorMessage = "Knowledge:WaitingPerProject must lie between 1 and 1000000.")]
    public int WaitingPerProject { get; set; } = 10_000;

    /// <summary>Documents that are worked on at once in this process.</summary>
    [Range(1, 64, ErrorMessage = "Knowledge:Parallel must lie between 1 and 64.")]
    public int Parallel { get; set; } = 2;

    /// <summary>Passages that one call to the model embeds.</summary>
    [Range(1, 2048, ErrorMessage = "Knowledge:BatchSize must lie between 1 and 2048.")]
    public int BatchSize { get; set; } = 32;

    /// <summary>How long one document is embedded before another that waits has its turn.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00", ErrorMessage = "Knowledge:Turn must lie between 0.1 seconds and one hour.")]
    public TimeSpan Turn { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a claim on a document holds unless it is renewed: after a kill, someone else goes on this much later.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ErrorMessage = "Knowledge:Lease must lie between one second and one hour.")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Attempts in a row that come to nothing, for a reason that may pass, before a document is given up as failed.</summary>
    [Range(1, 10000, ErrorMessage = "Knowledge:Attempts must lie between 1 and 10000.")]
    public int Attempts { get; set; } = 60;

    /// <summary>Whether the database's pgvector is used where there is one. Without it every vector is compared, in memory.</summary>
    public bool PgVector { get; set; } = true;

    /// <summary>How long after a base's index was rebuilt it may be again: one index at a time is made in the database, and the others wait.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "30.00:00:00", ErrorMessage = "Knowledge:RebuildInterval must lie between 0 and 30 days.")]
    public TimeSpan RebuildInterval { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// Memory that the images of vectors may take, in bytes; the bases that were searched longest ago are dropped first. Unless it is set, a quarter of the memory that the process
    /// may use, and at most 1 GiB.
    /// </summary>
    [Range(1 << 20, 1L << 40, ErrorMessage = "Knowledge:ImageBytes must lie between 1048576 and 1099511627776.")]
    public long ImageBytes { get; set; } = ProcessMemory.Share(4, 1L << 30);
}
