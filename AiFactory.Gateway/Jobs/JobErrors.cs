using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Jobs;

internal static class JobErrors
{
    private const string Invalid = "invalid_request_error";

    public static OpenAIError BadUrl(string names) => OpenAIError.Of(400, $"'url' must be the route that the request is for, one of {names}.", Invalid, "url", "invalid_value");

    public static OpenAIError BadBody { get; } = OpenAIError.Of(400, "'body' must be an object: the request as its route takes it.", Invalid, "body", "invalid_body");

    public static OpenAIError Bad(string code, string message, string? param) => OpenAIError.Of(400, message, Invalid, param, code);

    public static OpenAIError BadKey(string header, int longest) => OpenAIError.Of(400, $"'{header}' must be said once: 1 to {longest} visible ASCII characters.", Invalid, header, "invalid_idempotency_key");

    public static OpenAIError OtherRequest(string key) => OpenAIError.Of(
        422, $"The Idempotency-Key '{key}' was used for a job with another url, body, window, webhook or metadata. Give each job a key of its own.", Invalid, "Idempotency-Key", "idempotency_key_reused");

    public static OpenAIError NotFound(string id) => OpenAIError.Of(404, $"There is no job '{id}'.", Invalid, "job", "job_not_found");

    public static OpenAIError NotEnded(string id) => OpenAIError.Of(409, $"The job '{id}' has not ended.", Invalid, "job", "job_not_ended") with { RetryAfter = TimeSpan.FromSeconds(1) };

    public static OpenAIError NoResult(string id) => OpenAIError.Of(404, $"The job '{id}' has no result: its error says why.", Invalid, "job", "job_without_result");
}
