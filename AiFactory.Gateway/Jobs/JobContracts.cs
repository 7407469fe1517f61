using System.Text.Json;
using System.Text.Json.Serialization;

namespace AiFactory.Gateway.Jobs;

/// <param name="Status"><c>queued</c>, <c>running</c>, <c>cancelling</c>, and at its end <c>succeeded</c>, <c>failed</c>, <c>cancelled</c> or <c>expired</c>.</param>
/// <param name="Url">The route that the request is for.</param>
/// <param name="ExpiresAt">Until then it is tried.</param>
internal sealed record JobResponse(
    string Id,
    string Status,
    string Url,
    DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt,
    DateTimeOffset? EndedAt,
    JobProgress Progress,
    JobResult? Result,
    JobError? Error,
    JobWebhook? Webhook,
    JsonElement? Metadata);

/// <param name="Attempts">How often it was begun.</param>
/// <param name="WaitsUntil">It was told to wait, or its replica failed: it is tried again then.</param>
internal sealed record JobProgress(int Total, int Done, int Attempts, DateTimeOffset? WaitsUntil);

/// <param name="Status">Of the route's answer.</param>
/// <param name="Body">The answer; null where it is too large to stand here, and in lists.</param>
/// <param name="Url">Where the answer can be read.</param>
internal sealed record JobResult(int Status, [property: JsonConverter(typeof(AnswerConverter))] byte[]? Body, string Url);

/// <summary>Why there is no answer.</summary>
internal sealed record JobError(string Code, string Message);

/// <param name="State"><c>none</c> until the job has ended, then the message's: waiting, delivered, parked.</param>
internal sealed record JobWebhook(string Url, string State, int Attempts, string? LastError);

/// <param name="Next">Goes into <c>?after=</c>; null on the last page.</param>
internal sealed record JobPage(IReadOnlyList<JobResponse> Items, string? Next);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(JobResponse))]
[JsonSerializable(typeof(JobPage))]
internal sealed partial class JobJson : JsonSerializerContext;
