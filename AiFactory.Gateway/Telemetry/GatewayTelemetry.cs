using System.Diagnostics;
using System.Diagnostics.Metrics;
using AiFactory.Gateway.Forwarding;
using AiFactory.Gateway.Guardrails;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Routing;

namespace AiFactory.Gateway.Telemetry;

/// <summary>
/// The gateway's spans and metrics, under OpenTelemetry's names for generative AI (https://opentelemetry.io/docs/specs/semconv/gen-ai/).
/// A label is never what a client sent: models are named only once they were found among the deployments.
/// </summary>
internal sealed class GatewayTelemetry : IDisposable
{
    public const string Name = "AiFactory.Gateway";
    private const string Provider = "aifactory";

    private readonly ActivitySource _source = new(Name);
    private readonly Histogram<double> _duration;
    private readonly Histogram<long> _tokens;
    private readonly Histogram<double> _firstChunk;
    private readonly Histogram<double> _wait;
    private readonly UpDownCounter<long> _inFlight;
    private readonly Counter<long> _rejections;
    private readonly Counter<long> _failovers;
    private readonly Counter<long> _findings;
    private readonly Counter<long> _judgements;

    public GatewayTelemetry(IMeterFactory meters)
    {
        // The factory owns the meter.
        var meter = meters.Create(Name);
        _duration = Seconds(meter, "gen_ai.client.operation.duration", "From the request's being read to the end of its answer.");
        _tokens = meter.CreateHistogram("gen_ai.client.token.usage", "{token}", "Tokens of one operation, as the replica counted them.", advice: Buckets<long>(
            [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576]));
        _firstChunk = Seconds(meter, "gen_ai.client.operation.time_to_first_chunk", "From the request's being read to the first token of a streamed answer.");
        _wait = Seconds(meter, "aifactory.gateway.replica.wait", "How long requests waited because no replica could be had.");
        _inFlight = meter.CreateUpDownCounter<long>("aifactory.gateway.requests.in_flight", "{request}", "Requests to models that are being answered.");
        _rejections = meter.CreateCounter<long>("aifactory.gateway.rejections", "{request}", "Requests that the gateway refused, by reason.");
        _failovers = meter.CreateCounter<long>("aifactory.gateway.failovers", "{attempt}", "Attempts that failed and were made again at another replica, by reason.");
        _findings = meter.CreateCounter<long>("aifactory.gateway.guardrails.findings", "{finding}", "What rules found in requests and answers, by project, rule and action.");
        _judgements = meter.CreateCounter<long>("aifactory.gateway.guardrails.judgements", "{judgement}", "What models said of texts that rules had them judge, by project, rule and outcome (found, clear, failed).");
    }

    /// <summary>The span of a request that no client waits for, which would else have none of its own.</summary>
    public Activity? StartWork(string requestId) => _source.StartActivity("batch request")?.SetTag("aifactory.request.id", requestId);

    /// <summary>The span of one operation, under the server's span; null when nobody listens.</summary>
    public Activity? StartOperation(Operation operation, Deployment deployment)
    {
        if (!_source.HasListeners() || Activity.Current is { Recorded: false, Source.Name: not "" })
        {
            // Below a span that is not kept none is (BackgroundSampler), and its name need not be made. One of no source was never asked about: it only carries the trace.
            return null;
        }

        var span = _source.StartActivity($"{operation.Name} {deployment.Name}", ActivityKind.Client);
        if (span is { IsAllDataRequested: true })
        {
            span.SetTag("gen_ai.operation.name", operation.Name);
            span.SetTag("gen_ai.provider.name", Provider);
            span.SetTag("gen_ai.request.model", deployment.Name);
            span.SetTag("gen_ai.response.model", deployment.Name);
            span.SetTag("aifactory.project", deployment.Project);
            span.SetTag("aifactory.deployment.id", deployment.Id);
            span.SetTag("aifactory.model", deployment.Route.Model);
            span.SetTag("aifactory.model.version", deployment.Route.ModelVersion);
        }

        return span;
    }

    public void Began(Operation operation) => _inFlight.Add(1, new KeyValuePair<string, object?>("gen_ai.operation.name", operation.Name));

    public void Rejected(string reason) => _rejections.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void FailedOver(string reason) => _failovers.Add(1, new KeyValuePair<string, object?>("reason", reason));

    /// <summary>A rule's name is an administrator's, of letters, digits and '-', and there are no more of them than policies have.</summary>
    public void Found(string project, RuleIdentity rule) => _findings.Add(
        1,
        new KeyValuePair<string, object?>("aifactory.project", project),
        new KeyValuePair<string, object?>("aifactory.guardrail.rule", rule.Path),
        new KeyValuePair<string, object?>("aifactory.guardrail.action", rule.Action));

    public void Judged(string project, RuleIdentity rule, string outcome) => _judgements.Add(
        1,
        new KeyValuePair<string, object?>("aifactory.project", project),
        new KeyValuePair<string, object?>("aifactory.guardrail.rule", rule.Path),
        new KeyValuePair<string, object?>("aifactory.guardrail.outcome", outcome));

    public void Waited(TimeSpan time) => _wait.Record(time.TotalSeconds);

    /// <summary>The end of an operation, however it ended.</summary>
    /// <param name="error">Null when the replica answered and the client got it.</param>
    public void Ended(Activity? span, Operation operation, Deployment deployment, Replica? replica, OperationTimes times, TokenUsage? usage, string? error)
    {
        _inFlight.Add(-1, new KeyValuePair<string, object?>("gen_ai.operation.name", operation.Name));
        var tags = new TagList
        {
            { "gen_ai.operation.name", operation.Name },
            { "gen_ai.provider.name", Provider },
            { "gen_ai.request.model", deployment.Name },
        };
        if (usage is { } counted)
        {
            RecordTokens(tags, counted.Input, "input");
            RecordTokens(tags, counted.Output, "output");
        }

        if (times.FirstToken is { } first)
        {
            _firstChunk.Record(first.TotalSeconds, tags);
        }

        if (error is not null)
        {
            tags.Add("error.type", error);
        }

        _duration.Record(times.Total.TotalSeconds, tags);
        if (span is { IsAllDataRequested: true })
        {
            Describe(span, replica, times, usage, error);
        }
    }

    public void Dispose() => _source.Dispose();

    private static void Describe(Activity span, Replica? replica, OperationTimes times, TokenUsage? usage, string? error)
    {
        if (replica is not null)
        {
            span.SetTag("aifactory.replica", replica.Id);
            span.SetTag("server.address", replica.BaseUrl.Host);
            span.SetTag("server.port", replica.BaseUrl.Port);
        }

        if (times.FirstToken is { } first)
        {
            span.SetTag("gen_ai.response.time_to_first_chunk", first.TotalSeconds);
        }

        if (usage?.Input is { } input)
        {
            span.SetTag("gen_ai.usage.input_tokens", input);
        }

        if (usage?.Output is { } output)
        {
            span.SetTag("gen_ai.usage.output_tokens", output);
        }

        if (error is not null)
        {
            span.SetTag("error.type", error);
            span.SetStatus(ActivityStatusCode.Error, error);
        }
    }

    private void RecordTokens(TagList tags, long? count, string type)
    {
        if (count is { } tokens)
        {
            tags.Add("gen_ai.token.type", type);
            _tokens.Record(tokens, tags);
        }
    }

    /// <summary>The specification's bounds, with finer ones below 10 ms: a gateway is judged there.</summary>
    private static Histogram<double> Seconds(Meter meter, string name, string description) => meter.CreateHistogram(name, "s", description, advice: Buckets<double>(
        [0.001, 0.0025, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92]));

    private static InstrumentAdvice<T> Buckets<T>(T[] bounds)
        where T : struct => new() { HistogramBucketBoundaries = bounds };
}
