using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using AiFactory.Contracts;
using AiFactory.Gateway.Files;
using AiFactory.Gateway.Flows;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.SubRequests;
using AiFactory.Gateway.Telemetry;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Batches.Running;

/// <summary>Asks one request of a batch as its owner would: through the one handler that every request to a model passes, with the priority of work that can wait.</summary>
internal sealed class RequestSender(
    ModelCallers callers, WorkTargets targets, FileObjects files, WorkObjects objects, GatewayTelemetry telemetry, IServiceProvider services, IOptions<BatchOptions> options)
{
    /// <summary>Whatever ends the process each time is not tried for ever.</summary>
    private const int MostDeaths = 5;

    /// <summary>How many times more often a request is tried while all replicas fail: they may be mended.</summary>
    private const int PatienceWithFailures = 10;

    private readonly BatchOptions _options = options.Value;

    /// <param name="into">Has the answer's bytes, which the verdict may name, until it is disposed.</param>
    public async Task<RequestVerdict> SendAsync(RequestRow row, WorkAnswer into, CancellationToken cancellationToken)
    {
        // 1. Whether it can be asked at all.
        if (row.Deaths > MostDeaths)
        {
            return RequestVerdict.Result.Failed("request_abandoned", string.Create(CultureInfo.InvariantCulture, $"The gateway that had this request under way ended {row.Deaths} times."));
        }

        if (row is { Body: null, InputLength: null or > LargeWork.Bytes })
        {
            await into.TakeBodyAsync(cancellationToken);
        }

        if (await ReadAsync(row, cancellationToken) is not { } body)
        {
            return RequestVerdict.Result.Failed("input_missing", "The request's body is not in object storage any more.");
        }

        var isFlow = IsFlow(body.Span);
        if (isFlow && row.Deaths > 0)
        {
            return RequestVerdict.Result.Failed("request_interrupted", "The gateway ended while this flow ran. It may have had effects, so nothing repeats it.");
        }

        var outer = Outer(row);
        if (callers.Find(outer, out _, out _) is { } denied)
        {
            return denied.IsPassing ? new RequestVerdict.Wait(denied.RetryAfter) : new RequestVerdict.OwnerGone(denied);
        }

        // 2. The answer, whole.
        using var span = telemetry.StartWork(row.RequestId);
        var target = targets.Find(row.Endpoint);
        var answer = into.Whole;
        var inner = SubRequest.Create(outer, target.Operation, body, into, cancellationToken);
        try
        {
            await target.InvokeAsync(inner);
            await SubRequest.EndAsync(inner);
        }
        catch (IOException) when (answer.IsTooLarge)
        {
            // Said below.
        }
        catch (OperationCanceledException) when (isFlow && cancellationToken.IsCancellationRequested)
        {
            return new RequestVerdict.Interrupted();
        }

        if (cancellationToken.IsCancellationRequested && !IsWhole(answer))
        {
            return isFlow ? new RequestVerdict.Interrupted() : throw new OperationCanceledException(cancellationToken);
        }

        // 3. What it means.
        return Judge(answer, outer, row, isFlow || row.Failures + 1 >= _options.Attempts);
    }

    /// <param name="last">Whether it is not asked again after a failure: it was often enough, or is a flow, whose run has effects.</param>
    private RequestVerdict Judge(WholeAnswer answer, HttpContext outer, RequestRow row, bool last)
    {
        if (answer.IsTooLarge)
        {
            return RequestVerdict.Result.Failed("answer_too_large", $"The answer is larger than the {_options.MaxAnswerBytes} bytes that are kept (setting Batches:MaxAnswerBytes).");
        }

        switch (answer.Status)
        {
            case StatusCodes.Status429TooManyRequests:
                return new RequestVerdict.Wait(RetryAfter(answer), IsCrowded: outer.Features.Get<WorkOwner>() is { IsCrowded: true });

            case StatusCodes.Status503ServiceUnavailable:
                // Replicas that fail may fail over this request, or over all; one that broke off did so over this one.
                var broke = outer.Features.Get<WorkOwner>()?.Breaks > 0;
                var counts = broke || IsOfFailures(answer);
                if (!counts || row.Failures + 1 < _options.Attempts * (broke ? 1 : PatienceWithFailures))
                {
                    return new RequestVerdict.Wait(RetryAfter(answer), counts);
                }

                break;
            case StatusCodes.Status502BadGateway or StatusCodes.Status504GatewayTimeout when !last:
                return new RequestVerdict.Again();
            case StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden when callers.Find(outer, out _, out _) is { IsPassing: false } denied:
                return new RequestVerdict.OwnerGone(denied);
        }

        if (answer.IsBroken || answer.Status == 0)
        {
            return last ? RequestVerdict.Result.Failed("upstream_failed", "The answer broke off in the middle, each time that it was asked for.") : new RequestVerdict.Again();
        }

        return OneLine(answer.Body) is { } line
            ? new RequestVerdict.Result(answer.Status, line) { Usage = answer.Status is >= 200 and < 300 ? AnswerUsage.Of(line.Span, OuterRequests.MaximumDepth) : default }
            : RequestVerdict.Result.Failed("invalid_answer", $"The model's service answered with status {answer.Status} and something that is no JSON.");
    }

    private async Task<ReadOnlyMemory<byte>?> ReadAsync(RequestRow row, CancellationToken cancellationToken) => row switch
    {
        { Body: { } body } => body,
        { InputFile: { } file, InputOffset: { } offset, InputLength: { } length } => await files.ReadAsync(file, offset, length, cancellationToken),
        _ => await objects.ReadBodyAsync(row, cancellationToken),
    };

    private static bool IsFlow(ReadOnlySpan<byte> body)
    {
        Span<char> model = stackalloc char[RequestHead.LongestModel];
        return RequestHead.Read(body, model, out var head) is null && FlowModel.IsNamedBy(head.Model);
    }

    /// <summary>What stands in for the request of a client: no connection, and the owner in place of a key.</summary>
    private DefaultHttpContext Outer(RequestRow row)
    {
        var outer = new DefaultHttpContext { RequestServices = services, TraceIdentifier = row.RequestId };
        outer.Features.Set(new WorkOwner(row.Subject, row.OwnerLine));
        outer.Request.Protocol = "HTTP/1.1";
        outer.Request.Scheme = "http";
        outer.Request.Headers[ModelCallers.ProjectHeader] = row.Project;
        outer.Request.Headers[WireHeaders.Objective] = _options.Objective;
        return outer;
    }

    /// <summary>Whether it came in time all the same: what was computed is not to be paid for twice.</summary>
    private static bool IsWhole(WholeAnswer answer) => answer is { IsBroken: false, Status: >= 200 and < 300 } && IsJson(answer.Body.Span);

    private static bool IsOfFailures(WholeAnswer answer)
    {
        if (answer.Body.Length > LargeWork.Bytes)
        {
            return false;
        }

        using var body = answer.Parse();
        const string Code = "upstream_unavailable";
        return AnsweredError.Of(answer.Status, body?.RootElement).Body.Code == Code

            // Problem details of /api/infer have it at their top.
            || (body?.RootElement is { ValueKind: JsonValueKind.Object } problem && problem.TryGetProperty("code"u8, out var code) && code.ValueKind == JsonValueKind.String && code.ValueEquals(Code));
    }

    private static TimeSpan? RetryAfter(WholeAnswer answer) =>
        int.TryParse(answer.Headers.RetryAfter, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds) : null;

    /// <summary>Line breaks stand in JSON between its tokens alone, where a space is the same. Null when it is no JSON.</summary>
    private static ReadOnlyMemory<byte>? OneLine(ReadOnlyMemory<byte> json)
    {
        if (!IsJson(json.Span))
        {
            return null;
        }

        // In its place: an answer may be large, and nobody else reads it.
        var bytes = MemoryMarshal.AsMemory(json).Span;
        bytes.Replace((byte)'\n', (byte)' ');
        bytes.Replace((byte)'\r', (byte)' ');
        return json;
    }

    private static bool IsJson(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = OuterRequests.MaximumDepth });
        try
        {
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
