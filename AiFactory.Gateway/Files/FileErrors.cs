using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Files;

/// <summary>What can be wrong with a request for files, in OpenAI's words.</summary>
internal static class FileErrors
{
    private const string Invalid = "invalid_request_error";

    /// <param name="part">Which one is the file.</param>
    public static OpenAIError NotMultipart(string part) => OpenAIError.Of(
        415, $"Send this as multipart/form-data, with the file's bytes in the part '{part}'.", Invalid, code: "unsupported_content_type");

    public static OpenAIError BadForm(string complaint) => OpenAIError.Of(400, $"The form cannot be read: {complaint}", Invalid, code: "invalid_form");

    public static OpenAIError BrokenForm { get; } = BadForm("it ends in the middle.");

    public static OpenAIError MissingFile(string part) => OpenAIError.Of(400, $"The form has no part '{part}' with a file name.", Invalid, part, "missing_required_parameter");

    public static OpenAIError EmptyFile { get; } = OpenAIError.Of(400, "The file is empty.", Invalid, "file", "empty_file");

    public static OpenAIError BadPurpose(string? purpose) => OpenAIError.Of(
        400, purpose is null ? "The form has no part 'purpose'; it must be 'batch'." : "This purpose is not supported: files are kept for batches, with the purpose 'batch'.", Invalid, "purpose",
        purpose is null ? "missing_required_parameter" : "invalid_purpose");

    public static OpenAIError BadExpiry { get; } = OpenAIError.Of(
        400, "'expires_after' needs the anchor 'created_at' and 3600 to 2592000 seconds.", Invalid, "expires_after", "invalid_value");

    public static OpenAIError TooLarge(long limit) => OpenAIError.Of(
        413, $"The file is larger than the {limit} bytes that one may have (setting Files:MaxBytes).", Invalid, "file", "file_too_large");

    public static OpenAIError QuotaReached(long limit) => OpenAIError.Of(
        403, $"The files of this project would have more than {limit} bytes (setting Files:MaxProjectBytes). Delete some first.", Invalid, "file", "storage_quota_exceeded");

    public static OpenAIError TooManyUploads(int most) => OpenAIError.Of(
        429, $"The project has {most} uploads under way, as many as it may (setting Files:MaxUploads). Try again when one has ended.", "rate_limit_error", code: "too_many_uploads") with
    {
        RetryAfter = TimeSpan.FromSeconds(1),
    };

    public static OpenAIError TooLate { get; } = OpenAIError.Of(408, "The upload took longer than a day, and what came of it was removed.", Invalid, "file", "upload_timeout");

    public static OpenAIError UnknownPurpose { get; } = OpenAIError.Of(400, $"'purpose' must be {FilePurposes.Batch} or {FilePurposes.BatchOutput}: files have no other.", Invalid, "purpose", "invalid_purpose");

    public static OpenAIError NotFound(string id) => OpenAIError.Of(404, $"No such File object: {id}", Invalid, "id", "file_not_found");

    public static OpenAIError InUse(string id) => OpenAIError.Of(
        409, $"The file '{id}' is the input of a batch that has not ended. Cancel the batch first.", Invalid, "id", "file_in_use");

    public static OpenAIError BadLimit(int most) => OpenAIError.Of(400, $"'limit' must lie between 1 and {most}.", Invalid, "limit", "invalid_value");

    public static OpenAIError BadOrder { get; } = OpenAIError.Of(400, "'order' must be asc or desc.", Invalid, "order", "invalid_value");

    public static OpenAIError BadAfter { get; } = OpenAIError.Of(400, "'after' is not the id of an object of this list.", Invalid, "after", "invalid_value");
}
