using System.Net;
using System.Net.Http.Headers;
using AiFactory.Contracts;
using AiFactory.Inference.OpenAI;
using AiFactory.Inference.Serving;
using AiFactory.Inference.Telemetry;
using AiFactory.ServiceDefaults.Identity;
using Microsoft.AspNetCore.Http.Extensions;

namespace AiFactory.Inference.Isolation;

/// <summary>Has a request answered by its model's process. The package that would do it (YARP) does not restore here; this is what of it is needed.</summary>
internal sealed class EngineForwarder(InferenceTelemetry telemetry, TimeProvider time)
{
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(2);

    /// <summary>Those of the connection (RFC 9110, section 7.6.1), those that are written anew, and those of the trace, which the client writes: the request is a span below this worker's.</summary>
    private static readonly HashSet<string> NotForwarded = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Expect",
        "Host", "Content-Length", "Authorization", WireHeaders.Deployment, WireHeaders.Adapter, WireHeaders.RequestId, "traceparent", "tracestate", "baggage",
    };

    /// <param name="use">Taken over.</param>
    /// <returns>The answer, which begins now; or a refusal because the process ends, or has died: nothing of an answer was there then.</returns>
    public async Task<IResult> SendAsync(HttpContext http, ModelUse use, IsolatedModel model, CancellationToken cancellationToken)
    {
        var handedOver = false;
        using var request = Translate(http, use, model);
        try
        {
            var response = await model.Invoker.SendAsync(request, cancellationToken);
            if (response.StatusCode == HttpStatusCode.ServiceUnavailable && (model.Process.IsStopping || model.Process.IsDying))
            {
                response.Dispose();
                return new OpenAIErrorResult(model.Process.IsStopping ? OpenAIError.Stopping() : OpenAIError.EngineDied(model.Assignment.Deployment));
            }

            handedOver = true;
            return new ForwardedResult(response, use, model, telemetry, time);
        }
        catch (HttpRequestException)
        {
            // The connection breaks a moment before the system tells of the end. One that breaks while the process lives is a fault of the same kind: the request is sent again.
            await Task.WhenAny(model.Ended, Task.Delay(EndPatience, time, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
            return new OpenAIErrorResult(OpenAIError.EngineDied(model.Assignment.Deployment));
        }
        finally
        {
            if (!handedOver)
            {
                use.Dispose();
            }
        }
    }

    private static HttpRequestMessage Translate(HttpContext http, ModelUse use, IsolatedModel model)
    {
        var from = http.Request;
        var request = new HttpRequestMessage(new HttpMethod(from.Method), new Uri($"http://engine{UriHelper.BuildRelative(path: from.Path, query: from.QueryString)}"))
        {
            Content = http.Features.Get<RequestBytes>() is { } body && !HttpMethods.IsGet(from.Method) ? new ByteArrayContent(body.Bytes) : null,
        };
        foreach (var (name, values) in from.Headers)
        {
            if (!NotForwarded.Contains(name) && !request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
            }
        }

        // The process has one model and asks nothing else: that the caller may use it was seen here.
        var caller = http.GetIdentity() with { Deployment = model.Assignment.DeploymentId };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", model.Tokens.Issue(caller));
        request.Headers.Add(WireHeaders.Deployment, model.Assignment.DeploymentId.ToString());
        if (use.Adapter is { } adapter)
        {
            request.Headers.Add(WireHeaders.Adapter, adapter.Name);
        }

        request.Headers.Add(WireHeaders.RequestId, http.TraceIdentifier);
        return request;
    }
}
