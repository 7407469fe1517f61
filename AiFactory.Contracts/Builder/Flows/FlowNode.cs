using System.Text.Json;

namespace AiFactory.Contracts.Builder.Flows;

/// <param name="Id">1 to 40 letters, digits, '_' and '-'; a template of a later step may name it.</param>
/// <param name="Type">One of the step types, for example <c>model</c>.</param>
/// <param name="X">Where the canvas draws it, in pixels.</param>
/// <param name="Settings">By the names of the step type's settings.</param>
public sealed record FlowNode(string Id, string Type, string? Title, double X, double Y, IReadOnlyDictionary<string, JsonElement>? Settings);
