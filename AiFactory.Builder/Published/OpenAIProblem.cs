using AiFactory.Contracts.OpenAI;

namespace AiFactory.Builder.Published;

/// <summary>A failure in the words that OpenAI's clients know.</summary>
internal sealed record OpenAIProblem(int Status, ErrorBody Body)
{
    private const string InvalidRequest = "invalid_request_error";

    internal static OpenAIProblem Invalid(string message, string? param = null, string? code = null) => new(400, new ErrorBody(message, InvalidRequest, param, code));

    internal static OpenAIProblem ModelNotFound(string? model) =>
        new(404, new ErrorBody($"The model '{model}' does not exist or you do not have access to it.", InvalidRequest, "model", "model_not_found"));

    internal static OpenAIProblem MissingProject { get; } = Invalid("Name the project in the OpenAI-Project header.", code: "missing_project");

    internal static OpenAIProblem MismatchedProject { get; } =
        new(403, new ErrorBody("The OpenAI-Project header names another project than the caller belongs to.", InvalidRequest, null, "mismatched_project"));

    internal static OpenAIProblem Internal { get; } =
        new(500, new ErrorBody("The flow failed for a reason that is in the builder's log under this request id.", "server_error", null, "flow_failed"));

    internal static OpenAIProblem Stopping { get; } = new(503, new ErrorBody("The builder is being stopped. Please ask again.", "server_error", null, "stopping"));

    internal static OpenAIProblem Of(FlowFailedException error) =>
        new(error.Status, new ErrorBody(error.Message, TypeOf(error.Status), null, error.Code));

    private static string TypeOf(int status) => status switch
    {
        StatusCodes.Status429TooManyRequests => "rate_limit_error",
        >= 500 => "server_error",
        _ => InvalidRequest,
    };
}
