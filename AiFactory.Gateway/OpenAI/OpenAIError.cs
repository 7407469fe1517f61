using System.Globalization;
using AiFactory.Contracts.OpenAI;
using AiFactory.Contracts.Routing;

namespace AiFactory.Gateway.OpenAI;

/// <summary>A failure in the words that OpenAI's clients know (https://platform.openai.com/docs/guides/error-codes).</summary>
internal sealed record OpenAIError(int Status, ErrorBody Body)
{
    private const string InvalidRequest = "invalid_request_error";
    private const string ServerError = "server_error";

    /// <summary>No project's name is longer.</summary>
    private const int LongestProject = 40;

    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether another model could have answered: what is wrong is neither the request nor the factory's set-up.</summary>
    public bool IsPassing => Status is 429 or 503 or 504 || OfUpstream;

    /// <summary>Whether it is one upstream's, its set-up or its protocol: any other deployment may answer.</summary>
    private bool OfUpstream { get; init; }

    /// <summary>Which limit it was, where several have one code.</summary>
    private string? Limit { get; init; }

    /// <summary>For the <c>reason</c> of the rejection counter: the code, of which there are few, or the limit.</summary>
    public string Reason => Limit ?? Body.Code ?? Body.Type;

    public static OpenAIError MissingKey { get; } = Of(
        401,
        "You didn't provide an API key. Send it in the Authorization header, as 'Authorization: Bearer aif_...', or in the x-api-key header.",
        InvalidRequest,
        code: "missing_api_key");

    public static OpenAIError InvalidKey(string masked) =>
        Of(401, $"Incorrect API key provided: {masked}. An administrator of your factory can give you a valid one.", InvalidRequest, code: "invalid_api_key");

    public static OpenAIError ExpiredKey { get; } = Of(401, "The API key provided has expired.", InvalidRequest, code: "invalid_api_key");

    public static OpenAIError RevokedKey { get; } = Of(401, "The API key was revoked.", InvalidRequest, code: "api_key_revoked");

    public static OpenAIError InvalidToken(string why) => Of(401, $"The bearer token is not accepted: {why}", InvalidRequest, code: "invalid_token");

    public static OpenAIError ProviderAway { get; } =
        Of(503, "The identity provider has not answered yet, so no token of it can be verified. Try again shortly.", ServerError, code: "identity_provider_unavailable") with
        {
            RetryAfter = TimeSpan.FromSeconds(2),
        };

    public static OpenAIError NoMappedGroup { get; } = Of(
        403, "You are known, but none of your groups may do anything here. An administrator of the factory can map one of them (setting Oidc:Groups).", InvalidRequest, code: "no_mapped_group");

    public static OpenAIError ProjectRequired(IEnumerable<string> projects) =>
        Of(400, $"You belong to several projects. Name one of them in the OpenAI-Project header: {string.Join(", ", projects)}.", InvalidRequest, code: "project_required");

    public static OpenAIError ExpiredSession { get; } = Of(401, "The console session has ended. Sign in again.", InvalidRequest, code: "invalid_session");

    public static OpenAIError MismatchedProject { get; } = Of(
        403, "The OpenAI-Project header names another project than the caller belongs to.", InvalidRequest, code: "mismatched_project");

    public static OpenAIError ProjectNotFound(string project) => Of(
        404,
        $"The OpenAI-Project header names the project '{(project.Length > LongestProject ? $"{project[..LongestProject]}..." : project)}', which does not exist. If it was made just now, the gateways will know it in a moment: try again.",
        InvalidRequest,
        "OpenAI-Project",
        "project_not_found");

    public static OpenAIError MissingPermission(string permission) =>
        Of(403, $"You have insufficient permissions for this operation. Missing scopes: {permission}.", InvalidRequest, code: "missing_scope");

    /// <param name="scope">In words.</param>
    public static OpenAIError KeyNotAllowed(string key, string scope, string model, string? operation) => Of(
        403,
        $"The API key '{key}' may not be used for this{(operation is null ? "" : $" ({operation})")} with the model '{model}'. Its scope is {scope}.",
        InvalidRequest,
        "model",
        "key_not_allowed");

    public static OpenAIError CrossSite { get; } = Of(
        403, "A request that is authenticated by the console's cookie needs the header 'x-aifactory-console: 1'.", InvalidRequest, code: "cross_site_request");

    public static OpenAIError InvalidJson(string complaint) =>
        Of(400, $"The body of the request is not valid JSON: {complaint}", InvalidRequest, code: "invalid_json");

    public static OpenAIError MissingModel { get; } = Of(400, "You must provide a model parameter.", InvalidRequest, "model", "missing_required_parameter");

    public static OpenAIError ModelNotText { get; } = Of(400, "Invalid type for 'model': expected a string.", InvalidRequest, "model", "invalid_type");

    public static OpenAIError ModelNotFound(string model) =>
        Of(404, $"The model '{model}' does not exist or you do not have access to it.", InvalidRequest, "model", "model_not_found");

    /// <param name="maySwitch">Whether the caller could name the model's project.</param>
    public static OpenAIError ModelNotAllowed(string model, bool maySwitch) => Of(
        403,
        $"The model '{model}' is another project's, and is not shared with this one. "
            + (maySwitch ? "Name its project in the OpenAI-Project header, if you belong to it." : "Call it with a key of its project, or ask who runs it to share it (visibility 'factory' of the deployment)."),
        InvalidRequest,
        "model",
        "model_not_allowed");

    public static OpenAIError ModelRevoked(DeploymentRoute route) => Of(
        403,
        $"The model '{route.Name}' may not be used any more: version {route.ModelVersion} of {route.Model} was revoked. Reason: {route.Revoked}",
        InvalidRequest,
        "model",
        "model_revoked");

    public static OpenAIError TaskNotSupported(string model, string has, string path) =>
        Of(400, $"The model '{model}' has the task '{has}', which /{path} cannot use.", InvalidRequest, "model", "operation_not_supported");

    public static OpenAIError NotByEngine(string model, string path) =>
        Of(404, $"No replica of the model '{model}' answers /{path}: its engine has no such route, or has just lost the model.", InvalidRequest, "model", "operation_not_supported");

    public static OpenAIError NotByUpstream(string model, string path) =>
        Of(400, $"The model '{model}' is served by a service that has no /{path}, or none that this factory asks.", InvalidRequest, "model", "operation_not_supported");

    /// <summary>Another model may take what this one's service has no place for.</summary>
    public static OpenAIError NotInAnthropic(string path, string complaint) =>
        Of(400, $"{path}: {complaint}. The model is served in Anthropic's protocol.", InvalidRequest, path, "unsupported_parameter") with { OfUpstream = true };

    public static OpenAIError SaidTwice(string name) => Of(
        400, $"'{name}' is said twice, or in other letters too, and services differ in which of them they read. Say it once, in small letters.", InvalidRequest, name, "ambiguous_parameter");

    public static OpenAIError FlowInFlow(string model) =>
        Of(400, $"A flow cannot call the flow '{model}' as a model: it could come to call itself.", InvalidRequest, "model", "flow_in_flow");

    public static OpenAIError TooLarge(long limit) =>
        Of(413, $"The body of the request is larger than the {limit} bytes that this factory takes (setting Forwarding:MaxRequestBodyBytes).", InvalidRequest, code: "request_too_large");

    public static OpenAIError ContentEncoding { get; } = Of(
        415, "The body of the request must not be compressed: send it without Content-Encoding.", InvalidRequest, code: "unsupported_content_encoding");

    public static OpenAIError UnknownUrl(string method, string path) => Of(404, $"Invalid URL ({method} {path})", InvalidRequest, code: "unknown_url");

    public static OpenAIError MethodNotSupported(string method, string path) =>
        Of(405, $"Not allowed to {method} on {path}. (HINT: Perhaps you meant to use a different HTTP method?)", InvalidRequest, code: "method_not_supported");

    public static OpenAIError NoReplica(string model) =>
        Of(503, $"No replica of the model '{model}' is ready now. Try again shortly.", ServerError, "model", "model_not_ready") with
        {
            RetryAfter = TimeSpan.FromSeconds(5),
        };

    public static OpenAIError NotReady { get; } =
        Of(503, "The gateway has no routing snapshot yet.", ServerError, code: "gateway_not_ready") with { RetryAfter = TimeSpan.FromSeconds(2) };

    public static OpenAIError NotMetered { get; } = Of(
        503, "The gateway can keep no record of this request now, and its settings do not let models be used without one (Metering:ServeUnmetered).", ServerError, code: "metering_unavailable") with
        {
            RetryAfter = TimeSpan.FromSeconds(5),
        };

    /// <summary>Every replica that could be asked answers with failures: waiting in a queue would not help.</summary>
    public static OpenAIError ReplicasFail(string model, string last, TimeSpan retryAfter) =>
        Of(503, $"The replicas of the model '{model}' fail now (last: {last}). Try again shortly.", ServerError, "model", "upstream_unavailable") with { RetryAfter = retryAfter };

    public static OpenAIError RetriesSpent(string model, string last) =>
        Of(503, $"A replica of the model '{model}' failed ({last}), and too many requests are being sent again already (setting Retries:BudgetShare). Try again shortly.", ServerError, "model", "retry_budget_spent") with
        {
            RetryAfter = TimeSpan.FromSeconds(1),
        };

    public static OpenAIError Overloaded(string model, TimeSpan retryAfter) =>
        Of(429, $"Every replica of the model '{model}' has as many requests as it takes. Try again later.", "rate_limit_error", "model", "upstream_overloaded") with { RetryAfter = retryAfter };

    public static OpenAIError QueueFull(string model) =>
        Of(429, $"Too many requests wait for the model '{model}' (setting Queue:Length). Try again later.", "rate_limit_error", "model", "queue_full") with { RetryAfter = TimeSpan.FromSeconds(1) };

    public static OpenAIError QueueDeadline(string model, TimeSpan waited) =>
        Of(503, $"The request waited {Seconds(waited)} s for its turn at the model '{model}', and nothing was computed for it. Try again, or allow more time (x-slo-ttft-ms).", ServerError, "model", "queue_deadline") with
        {
            RetryAfter = TimeSpan.FromSeconds(1),
        };

    public static OpenAIError FirstTokenTimeout(TimeSpan limit) => Timeout("first_token_timeout", $"The model did not begin to answer within {Seconds(limit)} s (setting Forwarding:FirstTokenTimeout).");

    public static OpenAIError CompletionTimeout(TimeSpan limit) => Timeout("completion_timeout", $"The model did not answer within {Seconds(limit)} s (setting Forwarding:CompletionTimeout).");

    public static OpenAIError IdleTimeout(TimeSpan limit) => Timeout("idle_timeout", $"The model was silent for {Seconds(limit)} s in the middle of its answer (setting Forwarding:IdleTimeout).");

    public static OpenAIError TotalTimeout(TimeSpan limit) => Timeout("total_timeout", $"The request was not answered whole within {Seconds(limit)} s (setting Forwarding:TotalTimeout).");

    public static OpenAIError UpstreamBroke { get; } = Of(502, "The replica ended in the middle of its answer.", ServerError, code: "upstream_failed");

    public static OpenAIError UpstreamBrokeAgain { get; } =
        Of(502, "Two replicas broke the connection over this request; no third one is asked.", ServerError, code: "upstream_failed");

    public static OpenAIError UpstreamRefused { get; } = Of(502, "The replica does not accept this gateway's identity.", ServerError, code: "upstream_refused");

    public static OpenAIError UpstreamCredentialRefused(string model, string upstream, int status) => OfOneUpstream(
        $"The upstream '{upstream}', which serves the model '{model}', does not accept the credential that is kept for it (status {status}): an administrator has to set it anew, or to have it let use the model.", "upstream_credential_refused");

    public static OpenAIError UpstreamWithoutModel(string model, string upstream, string id) => OfOneUpstream(
        $"The upstream '{upstream}' has not what the model '{model}' stands for there, '{id}', or has no such route: an administrator has to correct it.", "upstream_model_not_found");

    public static OpenAIError UpstreamUnusable(string model, string upstream, string problem) => OfOneUpstream(
        $"The upstream '{upstream}', which serves the model '{model}', cannot be asked: {problem}.", "upstream_unusable");

    /// <summary>What it wrote is not shown.</summary>
    public static OpenAIError UpstreamSaid(int status) =>
        Of(status, $"The model's service answered with status {status}.", status < 500 ? InvalidRequest : ServerError, code: "upstream_failed");

    public static OpenAIError BuilderUnavailable(string model) =>
        Of(503, $"The builder, which runs '{model}', does not answer now. Try again shortly.", ServerError, "model", "builder_unavailable") with
        {
            RetryAfter = TimeSpan.FromSeconds(2),
        };

    public static OpenAIError BuilderBroke { get; } = Of(
        502, "The builder broke off before it answered. Its run may have had effects, so nothing repeats it here.", ServerError, code: "upstream_failed");

    public static OpenAIError BuilderRefused { get; } = Of(502, "The builder does not accept this gateway's identity.", ServerError, code: "upstream_refused");

    public static OpenAIError Of(int status, string message, string type, string? param = null, string? code = null) =>
        new(status, new ErrorBody(message, type, param, code));

    private static OpenAIError OfOneUpstream(string message, string code) => Of(502, message, ServerError, "model", code) with { OfUpstream = true };

    private static OpenAIError Timeout(string limit, string message) => Of(504, message, ServerError, code: "upstream_timeout") with { Limit = limit };

    private static string Seconds(TimeSpan limit) => limit.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
}
