using System.Text.Json;

namespace AiFactory.Inference.Tools;

/// <param name="Parameters">A JSON schema; null when it takes none.</param>
/// <param name="IsStrict">Whether each call must meet the schema.</param>
internal sealed record ToolFunction(string Name, JsonElement? Parameters, bool IsStrict);
