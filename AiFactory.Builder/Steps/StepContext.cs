using System.Text.Json;
using AiFactory.Builder.Children;

namespace AiFactory.Builder.Steps;

/// <summary>What one attempt at a step works with.</summary>
internal sealed class StepContext(Func<string, ValueTask>? delta = null)
{
    internal required Guid RunId { get; init; }

    internal required string Project { get; init; }

    internal required string Node { get; init; }

    internal required StepSettings Settings { get; init; }

    internal required StepInputs Inputs { get; init; }

    /// <summary>The object that the run was started with; read when a step asks for it, which few do.</summary>
    internal required Func<CancellationToken, Task<JsonElement>> ReadRunInputAsync { get; init; }

    /// <summary>The runs that the step began.</summary>
    internal required StepChildren Children { get; init; }

    /// <summary>What a step makes beyond it is not kept, so it need not be made.</summary>
    internal int MaxOutputBytes { get; init; } = 1024 * 1024;

    /// <summary>The same for every attempt at this step of this run, whoever makes it.</summary>
    internal string IdempotencyKey => $"{RunId}/{Node}";

    /// <summary>Shows a piece of the step's text to who watches the run.</summary>
    internal ValueTask DeltaAsync(string text) => delta is null || text.Length == 0 ? ValueTask.CompletedTask : delta(text);
}
