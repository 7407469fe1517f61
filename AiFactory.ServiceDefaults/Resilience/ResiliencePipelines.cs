using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace AiFactory.ServiceDefaults.Resilience;

/// <summary>
/// The pipelines, by client and authority: one failing host opens no breaker for another. They outlive the handlers that HttpClientFactory replaces every
/// two minutes, and with them the breakers' memory.
/// </summary>
internal sealed class ResiliencePipelines(IOptionsMonitor<ResilienceOptions> options, TimeProvider time)
{
    public static readonly ResiliencePropertyKey<HttpRequestMessage> Request = new("aifactory.request");

    /// <summary>Replicas come and go: beyond this many, all are forgotten and made again.</summary>
    private const int MaximumKept = 1024;

    private readonly ConcurrentDictionary<(string Client, string Authority), ResiliencePipeline<HttpResponseMessage>> _pipelines = new();

    public ResiliencePipeline<HttpResponseMessage> For(string client, string authority)
    {
        if (_pipelines.TryGetValue((client, authority), out var known))
        {
            return known;
        }

        if (_pipelines.Count >= MaximumKept)
        {
            _pipelines.Clear();
        }

        return _pipelines.GetOrAdd((client, authority), static (key, self) => self.Build(self.Options(key.Client)), this);
    }

    private ResilienceOptions Options(string client) => options.Get(client);

    private ResiliencePipeline<HttpResponseMessage> Build(ResilienceOptions settings)
    {
        var builder = new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = time };
        builder.AddTimeout(new TimeoutStrategyOptions { Timeout = settings.TotalTimeout });
        if (settings.Retries > 0)
        {
            builder.AddRetry(Retry(settings));
        }

        builder.AddCircuitBreaker(new CircuitBreakerStrategyOptions<HttpResponseMessage>
        {
            FailureRatio = settings.BreakerFailureRatio,
            MinimumThroughput = settings.BreakerMinimumThroughput,
            SamplingDuration = settings.BreakerSamplingDuration,
            BreakDuration = settings.BreakerBreakDuration,
            ShouldHandle = args => new ValueTask<bool>(HttpFailure.CountsAgainstService(args.Outcome)),
        });
        builder.AddTimeout(new TimeoutStrategyOptions { Timeout = settings.AttemptTimeout });
        return builder.Build();
    }

    private RetryStrategyOptions<HttpResponseMessage> Retry(ResilienceOptions settings) => new()
    {
        MaxRetryAttempts = settings.Retries,
        Delay = settings.RetryDelay,
        BackoffType = DelayBackoffType.Exponential,
        UseJitter = true,
        ShouldHandle = args => new ValueTask<bool>(
            HttpFailure.IsTransient(args.Outcome)
            && args.Context.Properties.TryGetValue(Request, out var request)
            && HttpFailure.MayRepeat(request, settings.RetryUnsafeMethods)
            && !(HttpFailure.RetryAfter(args.Outcome.Result, time) > settings.MaximumRetryAfter)),
        // Null takes the computed back-off.
        DelayGenerator = args => new ValueTask<TimeSpan?>(HttpFailure.RetryAfter(args.Outcome.Result, time)),
    };
}
