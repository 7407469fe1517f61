using System.Text.Json;

namespace AiFactory.Contracts.Builder.Runs;

/// <param name="State">See <see cref="StepStates"/>.</param>
/// <param name="Attempt">How often it was begun.</param>
/// <param name="Output">By the names of the step's output ports.</param>
public sealed record RunStepResponse(
    string Node,
    string Type,
    string State,
    int Attempt,
    DateTimeOffset? StartedAt,
    DateTimeOffset? FinishedAt,
    JsonElement? Output,
    string? Error);
