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
    JsonObject? Metadata)
{
    public static BatchObject From(BatchRow row)
    {
        // Files are named once they are there.
        var ended = row.Status is BatchStates.Completed or BatchStates.Failed or BatchStates.Expired or BatchStates.Cancelled;
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
            row.Metadata is null ? null : JsonSerializer.Deserialize(row.Metadata, BatchJson.Default.JsonObject));
    }
}

internal sealed record BatchCounts(int Total, int Completed, int Failed);

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
