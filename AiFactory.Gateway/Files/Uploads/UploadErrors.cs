using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Files.Uploads;

internal static class UploadErrors
{
    private const string Invalid = "invalid_request_error";

    public static OpenAIError Missing(string param) => OpenAIError.Of(400, $"You must provide a {param} parameter.", Invalid, param, "missing_required_parameter");

    public static OpenAIError Bad(string param, string complaint) => OpenAIError.Of(400, complaint, Invalid, param, "invalid_value");

    public static OpenAIError NotFound(string id) => OpenAIError.Of(404, $"No such Upload object: {id}", Invalid, "upload_id", "upload_not_found");

    public static OpenAIError NotPending(string id, string status) => OpenAIError.Of(
        409, $"The upload '{id}' takes nothing any more: its status is '{status}'.", Invalid, "upload_id", "upload_not_pending");

    /// <summary>OpenAI's clients ask again by themselves after a 409.</summary>
    public static OpenAIError BeingCompleted(string id) => OpenAIError.Of(
        409, $"The upload '{id}' is being completed. Ask again when that has ended: the answer then has its file.", Invalid, "upload_id", "upload_being_completed") with
    {
        RetryAfter = TimeSpan.FromSeconds(1),
    };

    public static OpenAIError PartTooLarge(long limit) => OpenAIError.Of(
        413, $"The part is larger than the {limit} bytes that one may have (setting Files:MaxPartBytes).", Invalid, "data", "part_too_large");

    public static OpenAIError TooManyBytes(long bytes) => OpenAIError.Of(
        400, $"The upload was made for {bytes} bytes: a part may have as many, and all parts together twice as many, for one can be sent again.", Invalid, "data", "upload_too_large");

    public static OpenAIError TooManyParts(int most) => OpenAIError.Of(400, $"The upload has {most} parts, as many as one may have.", Invalid, "upload_id", "too_many_parts");

    public static OpenAIError UnknownPart(string id) => OpenAIError.Of(400, $"The upload has no whole part '{id}', or it stands in the list twice.", Invalid, "part_ids", "invalid_part");

    public static OpenAIError WrongLength(long has, long wanted) => OpenAIError.Of(
        400, $"The parts have {has} bytes together, and the upload was made for {wanted}.", Invalid, "part_ids", "upload_length_mismatch");

    public static OpenAIError WrongHash { get; } = OpenAIError.Of(400, "The MD5 of the parts together is another than 'md5' says.", Invalid, "md5", "md5_mismatch");
}
