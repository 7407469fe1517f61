namespace AiFactory.Contracts;

/// <summary>Headers between our own services.</summary>
public static class WireHeaders
{
    /// <summary>The deployment's id, from the gateway to a worker: two projects may use one name for two models.</summary>
    public const string Deployment = "x-aifactory-deployment";

    /// <summary>The adapter that must answer, from a worker to its model's process: where it is there no longer, nothing else answers in its place.</summary>
    public const string Adapter = "x-aifactory-adapter";

    /// <summary>The name of a class of requests, which stands for a priority: the Gateway API's inference extension has it so.</summary>
    public const string Objective = "x-gateway-inference-objective";

    /// <summary>Milliseconds to the first token that a request will wait at most.</summary>
    public const string FirstTokenMilliseconds = "x-slo-ttft-ms";

    /// <summary>
    /// Asks a server for its load in the answer's headers, as <c>TEXT</c> or <c>JSON</c>: the ORCA report in the form that HTTP has of it, which Envoy, gRPC, vLLM and Triton know
    /// (https://github.com/cncf/xds/blob/main/xds/data/orca/v3/orca_load_report.proto, vLLM's change 24905, Triton's "ORCA Header Metrics").
    /// </summary>
    public const string LoadFormat = "endpoint-load-metrics-format";

    /// <summary>The load that was asked for: <c>TEXT named_metrics.num_requests_waiting=3, ...</c> or <c>JSON {"named_metrics": {"num_requests_waiting": 3, ...}}</c>. See <see cref="LoadMetrics"/>.</summary>
    public const string Load = "endpoint-load-metrics";

    /// <summary>The id that finds one request in every service's logs; also answered to the client.</summary>
    public const string RequestId = "x-request-id";
}
