using System.Globalization;
using System.Text.Json;
using AiFactory.Gateway.Files;
using AiFactory.Gateway.Forwarding;
using AiFactory.Gateway.Webhooks;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Batches.Running;

/// <summary>Reads a batch's input, and has either its requests or all that is wrong with it.</summary>
internal sealed class BatchValidation(FileObjects files, StageStore store, WebhookSignal webhooks, IOptions<BatchOptions> options, IOptions<ForwardingOptions> forwarding, TimeProvider time)
{
    /// <summary>More say nothing new.</summary>
    private const int MostErrors = 100;

    private readonly int _mostRequests = options.Value.MaxRequests;

    /// <summary>A body as large as one may be, and what stands around it.</summary>
    private readonly int _longestLine = (int)Math.Min(forwarding.Value.MaxRequestBodyBytes + 4096L, Array.MaxLength);

    public async Task RunAsync(BatchRow batch, Guid claim, CancellationToken cancellationToken)
    {
        var (requests, errors) = await ReadAsync(batch, cancellationToken);
        if (errors.Count > 0)
        {
            var now = time.GetUtcNow();
            var message = WebhookEvents.Of(batch, BatchStates.Failed, 0, now);
            await store.RefuseAsync(batch.Id, claim, JsonSerializer.Serialize(errors, BatchJson.Default.IReadOnlyListBatchError), message, now, cancellationToken);
            webhooks.Signal.Raise();
        }
        else
        {
            await store.AcceptAsync(batch.Id, claim, requests, time.GetUtcNow(), cancellationToken);
        }
    }

    private async Task<(List<InputRequest> Requests, IReadOnlyList<BatchError> Errors)> ReadAsync(BatchRow batch, CancellationToken cancellationToken)
    {
        await using var content = await files.OpenAsync(batch.InputFile ?? Guid.Empty, cancellationToken);
        if (content is null)
        {
            return ([], [new BatchError("input_missing", "The input file is not in object storage any more.", "input_file_id", null)]);
        }

        var (requests, errors) = (new List<InputRequest>(), new List<BatchError>());
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        var reader = new LineReader(content.Stream, _longestLine);
        while (errors.Count < MostErrors && await reader.ReadAsync(cancellationToken))
        {
            if (IsBlank(reader.Line.Span) && !reader.IsTooLong)
            {
                continue;
            }

            if (requests.Count == _mostRequests)
            {
                errors.Add(new BatchError("too_many_requests", $"The file has more than the {_mostRequests} requests that a batch may have (setting Batches:MaxRequests).", null, reader.Number));
                break;
            }

            var line = default(InputLine);
            var error = reader.IsTooLong
                ? new BatchError("line_too_long", $"The line is longer than {_longestLine} bytes, more than a request may have.", null, null)
                : InputLine.Read(reader.Line.Span, batch.Endpoint, out line);
            if (error is null && !lines.TryAdd(line.CustomId, reader.Number))
            {
                error = new BatchError(
                    "duplicate_custom_id", string.Create(CultureInfo.InvariantCulture, $"The custom_id '{line.CustomId}' stands in line {lines[line.CustomId]} already."), "custom_id", null);
            }

            if (error is not null)
            {
                errors.Add(error with { Line = reader.Number });
                continue;
            }

            requests.Add(new InputRequest(reader.Number, line.CustomId, reader.Offset + line.BodyAt, line.BodyLength));
        }

        if (requests.Count == 0 && errors.Count == 0)
        {
            errors.Add(new BatchError("empty_file", "The file has no request.", "input_file_id", null));
        }

        return (requests, errors);
    }

    private static bool IsBlank(ReadOnlySpan<byte> line) => line.Trim(" \t\r"u8).IsEmpty;
}
