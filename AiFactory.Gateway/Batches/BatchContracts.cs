using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using AiFactory.Gateway.Storage;

namespace AiFactory.Gateway.Batches;

/// <summary>OpenAI's batch. Times are seconds since 1970.</summary>
internal sealed record BatchObject(
    string Id,
    string Object,
    string Endpoint,
    BatchErrorList? Errors,
    string InputFileId,
    string CompletionWindow,
    string Status,
    string? OutputFileId,
    string? ErrorFileId,
    long CreatedAt,
    long? InProgressAt,
    long ExpiresAt,
    long? FinalizingAt,
    long? CompletedAt,
    long? FailedAt,
    long? ExpiredAt,
    long? CancellingAt,
    long? CancelledAt,
    BatchCounts RequestCounts,
    BatchUsage? Usage,
    JsonObject? Metadata)
{
    public static BatchObject From(BatchRow row)
    {
        // Files are named once they are there.
        var ended = row.HasEnded;
        return new BatchObject(
            PublicId.Of(PublicId.Batch, row.Id),
            "batch",
            row.Endpoint,
            row.Errors is null ? null : new BatchErrorList("list", JsonSerializer.Deserialize(row.Errors, BatchJson.Default.IReadOnlyListBatchError) ?? []),
            PublicId.Of(PublicId.File, row.InputFile ?? Guid.Empty),
            row.CompletionWindow,
            row.Status,
            ended ? PublicId.Of(PublicId.File, row.OutputFile) : null,
            ended ? PublicId.Of(PublicId.File, row.ErrorFile) : null,
            row.CreatedAt.ToUnixTimeSeconds(),
            row.InProgressAt?.ToUnixTimeSeconds(),
            row.ExpiresAt.ToUnixTimeSeconds(),
            row.FinalizingAt?.ToUnixTimeSeconds(),
            row.CompletedAt?.ToUnixTimeSeconds(),
            row.FailedAt?.ToUnixTimeSeconds(),
            row.ExpiredAt?.ToUnixTimeSeconds(),
            row.CancellingAt?.ToUnixTimeSeconds(),
            row.CancelledAt?.ToUnixTimeSeconds(),
            new BatchCounts(row.Total, row.Completed, row.Failed),
            BatchUsage.From(row),
            row.Metadata is null ? null : JsonSerializer.Deserialize(row.Metadata, BatchJson.Default.JsonObject));
    }
}

internal sealed record BatchCounts(int Total, int Completed, int Failed);

/// <summary>What the answers say that they took.</summary>
internal sealed record BatchUsage(long InputTokens, BatchInputDetails InputTokensDetails, long OutputTokens, BatchOutputDetails OutputTokensDetails, long TotalTokens)
{
    /// <summary>Null where no answer says anything, or there is none yet.</summary>
    public static BatchUsage? From(BatchRow row) => row.InputTokens is null && row.OutputTokens is null
        ? null
        : new BatchUsage(
            row.InputTokens ?? 0, new BatchInputDetails(row.CachedTokens ?? 0), row.OutputTokens ?? 0, new BatchOutputDetails(row.ReasoningTokens ?? 0), (row.InputTokens ?? 0) + (row.OutputTokens ?? 0));
}

internal sealed record BatchInputDetails(long CachedTokens);

internal sealed record BatchOutputDetails(long ReasoningTokens);

internal sealed record BatchErrorList(string Object, IReadOnlyList<BatchError> Data);

/// <param name="Line">Of the input file, from 1; null where it is not about one.</param>
internal sealed record BatchError(string Code, string Message, string? Param, int? Line);

internal sealed record BatchList(string Object, IReadOnlyList<BatchObject> Data, string? FirstId, string? LastId, bool HasMore);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(BatchObject))]
[JsonSerializable(typeof(BatchList))]
[JsonSerializable(typeof(IReadOnlyList<BatchError>))]
[JsonSerializable(typeof(JsonObject))]
internal sealed partial class BatchJson : JsonSerializerContext;
