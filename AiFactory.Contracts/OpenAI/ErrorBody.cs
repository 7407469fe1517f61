using System.Text.Json.Serialization;

namespace AiFactory.Contracts.OpenAI;

/// <summary>The inside of OpenAI's error envelope; <c>param</c> and <c>code</c> are written as null when absent, as OpenAI does.</summary>
/// <param name="Message">A sentence for a person.</param>
/// <param name="Type">The class of error, for example <c>invalid_request_error</c>.</param>
/// <param name="Param">The JSON path of the field at fault.</param>
/// <param name="Code">The machine-readable reason, for example <c>context_length_exceeded</c>.</param>
public sealed record ErrorBody(
    string Message,
    string Type,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Param,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Code);
