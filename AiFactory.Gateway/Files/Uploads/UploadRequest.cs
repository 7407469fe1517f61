using System.Text.Json;
using AiFactory.Gateway.Batches;
using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Files.Uploads;

/// <summary><c>{"filename":"in.jsonl","purpose":"batch","bytes":120,"mime_type":"application/jsonl","expires_after":{"anchor":"created_at","seconds":7200}}</c></summary>
internal sealed record UploadRequest(string Filename, long Bytes, int? FileExpiresSeconds)
{
    public static OpenAIError? Read(JsonElement root, out UploadRequest? request)
    {
        request = null;
        if (BatchRequest.Text(root, "filename") is not { } filename)
        {
            return UploadErrors.Missing("filename");
        }

        if (FileUpload.Complaint(filename) is { } complaint)
        {
            return UploadErrors.Bad("filename", complaint);
        }

        if (BatchRequest.Text(root, "purpose") is not { } purpose)
        {
            return UploadErrors.Missing("purpose");
        }

        if (purpose != FilePurposes.Batch)
        {
            return FileErrors.BadPurpose(purpose);
        }

        if (!root.TryGetProperty("bytes"u8, out var number) || number.ValueKind != JsonValueKind.Number || !number.TryGetInt64(out var bytes) || bytes < 1)
        {
            return UploadErrors.Bad("bytes", "'bytes' must be how many bytes the file has, at least 1.");
        }

        if (ReadExpiry(root, out var seconds) is { } bad)
        {
            return bad;
        }

        request = new UploadRequest(filename, bytes, seconds);
        return null;
    }

    private static OpenAIError? ReadExpiry(JsonElement root, out int? seconds)
    {
        seconds = null;
        if (!root.TryGetProperty("expires_after"u8, out var given) || given.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (given.ValueKind != JsonValueKind.Object || BatchRequest.Text(given, "anchor") != "created_at"
            || !given.TryGetProperty("seconds"u8, out var number) || number.ValueKind != JsonValueKind.Number || !number.TryGetInt32(out var after) || after is < 3600 or > 2_592_000)
        {
            return FileErrors.BadExpiry;
        }

        seconds = after;
        return null;
    }
}
