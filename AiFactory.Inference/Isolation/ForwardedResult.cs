using System.Text.Json;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.OpenAI;
using AiFactory.Inference.Serving;
using AiFactory.Inference.Telemetry;
using Microsoft.AspNetCore.Http.Features;

namespace AiFactory.Inference.Isolation;

/// <summary>An answer of a model's process, passed on as it comes. Where the process dies meanwhile, a stream ends with an error, and of anything else the connection ends: no answer that is cut looks whole.</summary>
/// <param name="use">Held until the answer has ended.</param>
internal sealed class ForwardedResult(HttpResponseMessage response, ModelUse use, IsolatedModel model, InferenceTelemetry telemetry, TimeProvider time) : IResult
{
    private const string EventStream = "text/event-stream";

    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(2);

    /// <summary>Those of the connection, and those that this server writes itself.</summary>
    private static readonly HashSet<string> NotForwarded = new(StringComparer.OrdinalIgnoreCase) { "Connection", "Keep-Alive", "Transfer-Encoding", "Upgrade", "Date", "Server", "x-request-id" };

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var isStream = response.Content.Headers.ContentType?.MediaType == EventStream;
        var body = new EngineBody(httpContext.Response.BodyWriter, isStream);
        try
        {
            CopyHeaders(httpContext.Response);
            await using var from = await response.Content.ReadAsStreamAsync(httpContext.RequestAborted);
            await body.CopyAsync(from, httpContext.RequestAborted);
            CopyTrailers(httpContext.Response);
        }
        catch (OperationCanceledException)
        {
            // The client has left; that the answer is not read on ends it in the process too.
        }
        catch (EngineDiedException)
        {
            telemetry.Requests.Add(1, new("model_name", model.Assignment.Deployment), new("finished_reason", "error"));
            await BreakOffAsync(httpContext, body, isStream);
        }
        finally
        {
            response.Dispose();
            use.Dispose();
        }
    }

    private void CopyHeaders(HttpResponse to)
    {
        to.StatusCode = (int)response.StatusCode;
        foreach (var (name, values) in response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated))
        {
            if (!NotForwarded.Contains(name))
            {
                to.Headers[name] = values.ToArray();
            }
        }

        to.HttpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
    }

    private void CopyTrailers(HttpResponse to)
    {
        foreach (var (name, values) in to.SupportsTrailers() ? response.TrailingHeaders.NonValidated.ToArray() : [])
        {
            to.AppendTrailer(name, values.ToArray());
        }
    }

    private async Task BreakOffAsync(HttpContext http, EngineBody body, bool isStream)
    {
        if (!isStream)
        {
            http.Abort();
            return;
        }

        // The connection breaks a moment before the system tells of the end. One that breaks while the process lives must not keep the client waiting.
        await model.Ended.WaitAsync(EndPatience, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var error = OpenAIError.Failed(model.Process.Death is { Length: > 0 } death ? $"{death}." : "The model's process broke the answer off.").Body;
        var isResponses = http.Request.Path.Equals("/v1/responses", StringComparison.Ordinal);
        await body.WriteEventAsync(
            isResponses ? "error" : null,
            isResponses
                ? JsonSerializer.SerializeToUtf8Bytes(new StreamFault("error", error.Code, error.Message, null, body.Events), StreamFaultJson.Default.StreamFault)
                : JsonSerializer.SerializeToUtf8Bytes(new ErrorEnvelope(error), OpenAIJson.Default.ErrorEnvelope),
            http.RequestAborted);
    }
}
