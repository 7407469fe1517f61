using System.ComponentModel.DataAnnotations;

namespace AiFactory.Builder.Execution;

/// <summary>The settings under <c>Execution</c>.</summary>
internal sealed class ExecutionOptions
{
    /// <summary>Steps that one executor runs at once.</summary>
    [Range(1, 1000, ErrorMessage = "Execution:Concurrency must lie between 1 and 1000.")]
    public int Concurrency { get; set; } = 16;

    /// <summary>Of these, steps of one project: what hangs of it for minutes leaves the rest to others. Three quarters of <see cref="Concurrency"/> when it is not set.</summary>
    [Range(1, 1000, ErrorMessage = "Execution:SlotsPerProject must lie between 1 and 1000.")]
    public int? SlotsPerProject { get; set; }

    internal int MostOfOneProject => SlotsPerProject ?? Math.Max(1, Concurrency * 3 / 4);

    /// <summary>How long a claim on a step holds unless it is renewed: after a kill, another executor runs the step again this much later.</summary>
    [Range(typeof(TimeSpan), "00:00:00.500", "01:00:00", ErrorMessage = "Execution:Lease must lie between half a second and one hour.")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a step may be lost with its executor before it is given up: it may be what kills them.</summary>
    [Range(1, 1000, ErrorMessage = "Execution:Losses must lie between 1 and 1000.")]
    public int Losses { get; set; } = 10;

    /// <summary>How often steps are looked for without having been told of one: retries that have become due, claims that have run out.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00", ErrorMessage = "Execution:Poll must lie between 50 milliseconds and one minute.")]
    public TimeSpan Poll { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The largest output of a step, as JSON.</summary>
    [Range(1024, 64 * 1024 * 1024, ErrorMessage = "Execution:MaxOutputBytes must lie between 1024 and 67108864.")]
    public int MaxOutputBytes { get; set; } = 1024 * 1024;

    /// <summary>The most that the steps before it may bring to a step together, as JSON: so many steps as run at once have it in memory, several times over.</summary>
    [Range(1024, 256 * 1024 * 1024, ErrorMessage = "Execution:MaxInputBytes must lie between 1024 and 268435456.")]
    public int MaxInputBytes { get; set; } = 4 * 1024 * 1024;
}
