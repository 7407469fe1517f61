using System.Text.Json.Serialization;
using AiFactory.Gateway.Storage;

namespace AiFactory.Gateway.Files.Uploads;

/// <summary>OpenAI's upload: <c>{"id":"upload_0197...","object":"upload","bytes":120,"created_at":1763699400,"filename":"in.jsonl","purpose":"batch","status":"pending","expires_at":1763703000,"file":null}</c></summary>
internal sealed record UploadObject(string Id, string Object, long Bytes, long CreatedAt, string Filename, string Purpose, string Status, long ExpiresAt, FileObject? File)
{
    public static UploadObject From(UploadRow row, FileRow? file, DateTimeOffset now) => new(
        PublicId.Of(PublicId.Upload, row.Id), "upload", row.Bytes, row.CreatedAt.ToUnixTimeSeconds(), row.Filename, FilePurposes.Batch,
        row.State == UploadRow.Pending && !row.IsOpen(now) ? UploadRow.Expired : row.State, row.ExpiresAt.ToUnixTimeSeconds(), file is null ? null : FileObject.From(file));
}

/// <summary><c>{"id":"part_0197...","object":"upload.part","created_at":1763699400,"upload_id":"upload_0197..."}</c></summary>
internal sealed record UploadPartObject(string Id, string Object, long CreatedAt, string UploadId);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(UploadObject))]
[JsonSerializable(typeof(UploadPartObject))]
internal sealed partial class UploadJson : JsonSerializerContext;
