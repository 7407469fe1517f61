using System.Text.Json;
using AiFactory.Contracts.Workers;

namespace AiFactory.ModelLibrary.Models;

/// <summary>The column <c>parts</c> of a version: the files of a model that comes in several.</summary>
internal static class ModelParts
{
    internal static string ToJson(IEnumerable<ModelPart> parts) => JsonSerializer.Serialize(parts, JsonSerializerOptions.Web);

    /// <returns>Null when the model is one file.</returns>
    internal static IReadOnlyList<ModelPart>? Read(string? json) => json is null ? null : JsonSerializer.Deserialize<ModelPart[]>(json, JsonSerializerOptions.Web);
}
