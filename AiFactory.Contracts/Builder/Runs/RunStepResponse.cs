using System.Text.Json;

namespace AiFactory.Contracts.Builder.Runs;

/// <param name="State">See <see cref="StepStates"/>.</param>
/// <param name="Attempt">How often it was begun.</param>
/// <param name="Output">By the names of the step's output ports. Within a run a step's large output is cut: a port has the beginning of its value then, as a text.</param>
/// <param name="Truncated">Whether it is cut; <c>runs/{id}/steps/{node}</c> answers the whole.</param>
/// <param name="Children">Of a map or a loop that has begun runs.</param>
public sealed record RunStepResponse(
    string Node,
    string Type,
    string State,
    int Attempt,
    DateTimeOffset? StartedAt,
    DateTimeOffset? FinishedAt,
    JsonElement? Output,
    string? Error,
    bool Truncated = false,
    RunChildren? Children = null);
