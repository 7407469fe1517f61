using System.ComponentModel.DataAnnotations;

namespace AiFactory.Builder.Runs;

/// <summary>The settings under <c>Runs</c>.</summary>
internal sealed class RunOptions
{
    /// <summary>Runs of one project that are queued or running; a start beyond it is refused.</summary>
    [Range(1, 1_000_000, ErrorMessage = "Runs:OpenPerProject must lie between 1 and 1000000.")]
    public int OpenPerProject { get; set; } = 1000;
}
