using System.ComponentModel.DataAnnotations;

namespace AiFactory.Gateway.Batches;

/// <summary>The settings under <c>Batches</c>, which jobs have too: a job is a batch of one request.</summary>
internal sealed class BatchOptions
{
    public const string Section = "Batches";

    /// <summary>Requests of batches that this gateway has under way at once; 0 leaves them to the others.</summary>
    [Range(0, 100_000, ErrorMessage = "Batches:Concurrency must lie between 0 and 100000.")]
    public int Concurrency { get; set; } = 32;

    /// <summary>Requests of one batch that all gateways together have under way at once.</summary>
    [Range(1, 100_000, ErrorMessage = "Batches:RequestsPerBatch must lie between 1 and 100000.")]
    public int RequestsPerBatch { get; set; } = 16;

    /// <summary>Bodies of over 1 MiB that this gateway has in memory at once, and as many answers; the others wait. Each takes a few times its bytes.</summary>
    [Range(1, 10_000, ErrorMessage = "Batches:LargeAtOnce must lie between 1 and 10000.")]
    public int LargeAtOnce { get; set; } = 4;

    /// <summary>Lines of one input file.</summary>
    [Range(1, 1_000_000, ErrorMessage = "Batches:MaxRequests must lie between 1 and 1000000.")]
    public int MaxRequests { get; set; } = 50_000;

    /// <summary>Batches of one project that have not ended, and jobs, each counted by itself.</summary>
    [Range(1, 1_000_000, ErrorMessage = "Batches:MaxOpen must lie between 1 and 1000000.")]
    public int MaxOpen { get; set; } = 1000;

    /// <summary>How long a request that is under way is left to its gateway when that does not say any more that it lives.</summary>
    [Range(typeof(TimeSpan), "00:00:00.300", "01:00:00", ErrorMessage = "Batches:Lease must lie between 300 milliseconds and one hour.")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a gateway looks for work that another one took in, and for cancelled work that it has under way.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:05:00", ErrorMessage = "Batches:Interval must lie between 10 milliseconds and five minutes.")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How often a request is tried whose replica broke off or was too slow. One that is told to wait (429, 503) waits until its batch is over.</summary>
    [Range(1, 100, ErrorMessage = "Batches:Attempts must lie between 1 and 100.")]
    public int Attempts { get; set; } = 3;

    /// <summary>The first pause of a batch whose request was told to wait; each further one is twice as long.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "01:00:00", ErrorMessage = "Batches:FirstPause must lie between 1 millisecond and one hour.")]
    public TimeSpan FirstPause { get; set; } = TimeSpan.FromSeconds(1);

    [Range(typeof(TimeSpan), "00:00:00.001", "1.00:00:00", ErrorMessage = "Batches:LongestPause must lie between 1 millisecond and one day.")]
    public TimeSpan LongestPause { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The largest answer that is kept, in bytes.</summary>
    [Range(1024, 256 << 20, ErrorMessage = "Batches:MaxAnswerBytes must lie between 1024 and 268435456.")]
    public int MaxAnswerBytes { get; set; } = 16 << 20;

    /// <summary>Answers and bodies of jobs up to this size lie in the database until the batch has ended, larger ones in object storage.</summary>
    [Range(0, 1 << 24, ErrorMessage = "Batches:InlineBytes must lie between 0 and 16777216.")]
    public int InlineBytes { get; set; } = 64 * 1024;

    /// <summary>How long a batch that has ended is known, and a job's result.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "3650.00:00:00", ErrorMessage = "Batches:Retention must lie between one hour and ten years.")]
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Which objective such requests have (x-gateway-inference-objective): its priority is below that of people's, in the gateway's queue and in the workers'.</summary>
    [Required(ErrorMessage = "Batches:Objective is empty.")]
    public string Objective { get; set; } = "sheddable";
}
