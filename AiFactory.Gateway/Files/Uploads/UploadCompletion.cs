using System.Text.Json;
using AiFactory.Gateway.Batches;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Storage;

namespace AiFactory.Gateway.Files.Uploads;

/// <summary><c>{"part_ids":["part_0197...","part_0198..."],"md5":"9e107d9d372bb6826bd81d3542a419d6"}</c></summary>
/// <param name="Parts">In the order of the file.</param>
internal sealed record UploadCompletion(IReadOnlyList<Guid> Parts, string? Md5)
{
    public static OpenAIError? Read(JsonElement root, out UploadCompletion? completion)
    {
        completion = null;
        if (!root.TryGetProperty("part_ids"u8, out var given) || given.ValueKind != JsonValueKind.Array || given.GetArrayLength() is 0 or > UploadService.MostParts)
        {
            return UploadErrors.Bad("part_ids", $"'part_ids' must be a list of 1 to {UploadService.MostParts} ids, in the order of the file.");
        }

        var parts = new List<Guid>(given.GetArrayLength());
        foreach (var one in given.EnumerateArray())
        {
            var text = one.ValueKind == JsonValueKind.String ? one.GetString() : null;
            if (!PublicId.TryParse(PublicId.Part, text, out var id))
            {
                return UploadErrors.UnknownPart(text ?? one.ValueKind.ToString());
            }

            parts.Add(id);
        }

        completion = new UploadCompletion(parts, BatchRequest.Text(root, "md5"));
        return null;
    }
}
