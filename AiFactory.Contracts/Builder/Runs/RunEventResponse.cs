using System.Text.Json;

namespace AiFactory.Contracts.Builder.Runs;

/// <summary>One event of a run.</summary>
/// <param name="Sequence">Counts from 1 without a gap; 0 for a <c>step.delta</c>, which is not kept.</param>
/// <param name="Type">See <see cref="RunEventTypes"/>.</param>
public sealed record RunEventResponse(long Sequence, string Type, string? Node, int? Attempt, DateTimeOffset At, JsonElement? Data);
