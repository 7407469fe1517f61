using System.Text.Json;
using AiFactory.Builder.Children;

namespace AiFactory.Builder.Steps;

/// <summary>How an attempt at a step ended.</summary>
internal abstract record StepOutcome
{
    private StepOutcome()
    {
    }

    /// <param name="Outputs">By output port. A port that is left out gives nothing: what hangs on it alone is skipped.</param>
    internal sealed record Done(IReadOnlyDictionary<string, JsonElement> Outputs) : StepOutcome
    {
        public long PromptTokens { get; init; }

        public long CompletionTokens { get; init; }

        /// <summary>The tokens are those of runs that it began, and were counted as each ended.</summary>
        public bool IsCounted { get; init; }

        /// <summary>For example <c>manners@3</c>: what the answer was held to.</summary>
        public IReadOnlyList<string> Rulesets { get; init; } = [];
    }

    /// <param name="Error">A sentence for the author, and for who calls the flow where it is published.</param>
    /// <param name="IsTransient">Whether another attempt may succeed.</param>
    internal sealed record Failed(string Error, bool IsTransient) : StepOutcome
    {
        /// <summary>The project has no room for what the step would begin: it is put off, and nothing of it has failed.</summary>
        public bool IsForRoom { get; init; }

        /// <summary>More than who calls may read: it stands in the run's history alone.</summary>
        public string? Detail { get; init; }
    }

    /// <summary>The step has runs begun, and waits for them without an executor: it is run again when they have ended, or enough of them have.</summary>
    internal sealed record Began(ChildBatch Batch) : StepOutcome;

    internal static Done Of(params ReadOnlySpan<(string Port, JsonElement Value)> outputs)
    {
        var ports = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var (port, value) in outputs)
        {
            ports[port] = value;
        }

        return new Done(ports);
    }
}
