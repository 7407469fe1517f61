using System.ComponentModel.DataAnnotations;

namespace AiFactory.Builder.Runs;

/// <summary>The settings under <c>Runs</c>.</summary>
internal sealed class RunOptions
{
    /// <summary>Runs of one project that somebody started and that are queued or running; a start beyond it is refused.</summary>
    [Range(1, 1_000_000, ErrorMessage = "Runs:OpenPerProject must lie between 1 and 1000000.")]
    public int OpenPerProject { get; set; } = 1000;

    /// <summary>The most items of one map.</summary>
    [Range(1, 100_000, ErrorMessage = "Runs:ItemsPerMap must lie between 1 and 100000.")]
    public int ItemsPerMap { get; set; } = 1000;

    /// <summary>Runs of one project that its maps and loops began and that have not ended; a step that would begin more waits until it may.</summary>
    [Range(1, 10_000_000, ErrorMessage = "Runs:OpenChildrenPerProject must lie between 1 and 10000000.")]
    public int OpenChildrenPerProject { get; set; } = 20_000;

    /// <summary>Levels of flows that maps and loops run below the flow that was started.</summary>
    [Range(1, 20, ErrorMessage = "Runs:Depth must lie between 1 and 20.")]
    public int Depth { get; set; } = 4;
}
