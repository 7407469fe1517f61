using System.Text.Json;

namespace AiFactory.Contracts.Builder.Agents;

/// <summary>A tool that agents may be given: an HTTP call whose arguments a model writes.</summary>
/// <param name="Name">As OpenAI takes it: 1 to 64 letters, digits, <c>-</c> and <c>_</c>.</param>
/// <param name="Description">Tells the model what the tool is for.</param>
/// <param name="Parameters">A JSON schema of an object; null is a tool without arguments.</param>
/// <param name="Kind"><c>http</c>.</param>
/// <param name="Method">GET, POST, PUT, PATCH or DELETE; GET when null.</param>
/// <param name="Url">
/// For example <c>https://weather.example/cities/{city}</c>: <c>{city}</c> takes the argument of that name, escaped. The other arguments go into the query of a GET or
/// DELETE, else into a JSON body.
/// </param>
/// <param name="TimeoutSeconds">1 to 60; 15 when null.</param>
public sealed record ToolRequest(
    string? Name,
    string? Description,
    JsonElement? Parameters,
    string? Kind,
    string? Method,
    string? Url,
    IReadOnlyDictionary<string, string>? Headers,
    int? TimeoutSeconds);
