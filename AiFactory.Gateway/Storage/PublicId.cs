using System.Diagnostics.CodeAnalysis;

namespace AiFactory.Gateway.Storage;

/// <summary>Ids as clients of OpenAI see them: <c>file-0197d3...</c>, <c>batch_0197d3...</c>. They sort by time, as the ids in the database do.</summary>
internal static class PublicId
{
    public const string File = "file-";
    public const string Batch = "batch_";
    public const string Upload = "upload_";
    public const string Part = "part_";
    public const string Job = "job_";
    public const string Message = "msg_";
    public const string BatchRequest = "batch_req_";

    public static string Of(string prefix, Guid id) => $"{prefix}{id:n}";

    [return: NotNullIfNotNull(nameof(id))]
    public static string? Of(string prefix, Guid? id) => id is { } known ? Of(prefix, known) : null;

    public static bool TryParse(string prefix, string? text, out Guid id)
    {
        id = default;
        return text is not null && text.StartsWith(prefix, StringComparison.Ordinal) && Guid.TryParseExact(text.AsSpan(prefix.Length), "N", out id);
    }
}
