using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace AiFactory.ServiceDefaults.Resilience;

/// <summary>Runs a request through its client's pipeline. However that ends badly, the caller sees an <see cref="HttpRequestException"/> that says how.</summary>
internal sealed class ResilienceHandler(string client, ResiliencePipelines pipelines) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var authority = request.RequestUri?.GetLeftPart(UriPartial.Authority) ?? "";
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(ResiliencePipelines.Request, request);
        try
        {
            return await pipelines.For(client, authority).ExecuteAsync(
                static (context, state) => new ValueTask<HttpResponseMessage>(state.Handler.SendOnceAsync(state.Request, context.CancellationToken)),
                context,
                (Handler: this, Request: request));
        }
        catch (TimeoutRejectedException error)
        {
            throw new HttpRequestException($"{authority} did not answer within {error.Timeout.TotalSeconds:0.###} s.", error);
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            // Two timeouts at one moment: each took the other's for the caller's leave.
            throw new HttpRequestException($"{authority} did not answer within the time that its client gives it.", error);
        }
        catch (BrokenCircuitException error)
        {
            throw new HttpRequestException($"{authority} is not asked now, after many failures; it is tried again in {error.RetryAfter?.TotalSeconds ?? 0:0.#} s.", error);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private Task<HttpResponseMessage> SendOnceAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // The span of an earlier attempt is over: this one writes its own.
        request.Headers.Remove("traceparent");
        request.Headers.Remove("tracestate");
        return base.SendAsync(request, cancellationToken);
    }
}
