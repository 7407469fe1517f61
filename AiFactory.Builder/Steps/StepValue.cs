using System.Text.Json;

namespace AiFactory.Builder.Steps;

/// <param name="Port">The input port.</param>
/// <param name="Source">The node that it comes from.</param>
internal sealed record StepValue(string Port, string Source, JsonElement Value);
