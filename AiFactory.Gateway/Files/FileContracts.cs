using System.Text.Json.Serialization;
using AiFactory.Gateway.Storage;

namespace AiFactory.Gateway.Files;

/// <summary>OpenAI's file: <c>{"id":"file-0197...","object":"file","bytes":120,"created_at":1763699400,"expires_at":1766291400,"filename":"in.jsonl","purpose":"batch","status":"processed"}</c></summary>
internal sealed record FileObject(string Id, string Object, long Bytes, long CreatedAt, long? ExpiresAt, string Filename, string Purpose, string Status)
{
    public static FileObject From(FileRow row) => new(
        PublicId.Of(PublicId.File, row.Id), "file", row.Bytes, row.CreatedAt.ToUnixTimeSeconds(), row.ExpiresAt?.ToUnixTimeSeconds(), row.Filename, row.Purpose, "processed");
}

internal sealed record FileList(string Object, IReadOnlyList<FileObject> Data, string? FirstId, string? LastId, bool HasMore);

internal sealed record FileDeleted(string Id, string Object, bool Deleted);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(FileObject))]
[JsonSerializable(typeof(FileList))]
[JsonSerializable(typeof(FileDeleted))]
internal sealed partial class FileJson : JsonSerializerContext;
