using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Batches;

/// <summary>What can be wrong with a request for batches, in OpenAI's words.</summary>
internal static class BatchErrors
{
    private const string Invalid = "invalid_request_error";

    public static OpenAIError NeedsKey { get; } = OpenAIError.Of(
        403, "This runs later in the name of an API key, which can be looked at again, and revoked: ask with one. A session of the console that did not begin with a key, and services, have none.", Invalid,
        code: "api_key_required");

    public static OpenAIError Missing(string param) => OpenAIError.Of(400, $"You must provide a {param} parameter.", Invalid, param, "missing_required_parameter");

    public static OpenAIError Bad(string param, string complaint) => OpenAIError.Of(400, complaint, Invalid, param, "invalid_value");

    public static OpenAIError NotFound(string id) => OpenAIError.Of(404, $"No batch found with id '{id}'.", Invalid, "batch_id", "batch_not_found");

    public static OpenAIError NotCancellable(string id, string status) => OpenAIError.Of(409, $"The batch '{id}' cannot be cancelled: its status is '{status}'.", Invalid, code: "batch_not_cancellable");

    public static OpenAIError NoRoom(long limit) => OpenAIError.Of(
        403, $"The files of this project have more than {limit} bytes already (setting Files:MaxProjectBytes), and what a batch leaves counts among them. Delete some first.", Invalid, code: "storage_quota_exceeded");

    public static OpenAIError TooMany(int most) => OpenAIError.Of(
        429, $"The project has {most} batches that have not ended, as many as it may (setting Batches:MaxOpen). Try again when some have.", "rate_limit_error", code: "too_many_batches") with
    {
        RetryAfter = TimeSpan.FromMinutes(1),
    };
}
