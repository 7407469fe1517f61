namespace AiFactory.AppHost.Kubernetes;

/// <summary>What the model does not say of a service, and a cluster must know: where it lives, how many, how large, what it writes.</summary>
/// <param name="Area">Its namespace is <c>{release}-{area}</c>.</param>
/// <param name="Replicas">Two for what stands in a request's way.</param>
/// <param name="Temporary">Size of <c>/tmp</c>, the one writable folder of a read-only root.</param>
/// <param name="State">Size of its data folder; null when it keeps nothing.</param>
/// <param name="Keeps">Whether the data folder outlives the pod (a claim) or not.</param>
/// <param name="GraceSeconds">For answers in progress when a pod ends, with the five seconds that its removal from the Service takes.</param>
/// <param name="CallsApiServer">Whether it writes to the cluster: it alone has its service account's token then, rights, and a way there.</param>
/// <param name="Calls">Whom it calls by an address that it learns at run time: no reference of the model says so.</param>
internal sealed record ServiceLayout(
    string Area,
    int Replicas,
    string Cpu,
    string Memory,
    string MemoryLimit,
    string Temporary,
    string? State = null,
    bool Keeps = false,
    bool Critical = false,
    int GraceSeconds = 30,
    bool CallsApiServer = false,
    params string[] Calls)
{
    private static readonly Dictionary<string, ServiceLayout> Known = new(StringComparer.Ordinal)
    {
        ["gateway"] = new("gateway", 2, "250m", "256Mi", "512Mi", "64Mi", State: "2Gi", Critical: true, GraceSeconds: 60, Calls: ["worker"]),
        ["library"] = new("control", 1, "100m", "256Mi", "768Mi", "1Gi", CallsApiServer: true, Calls: ["worker"]),
        ["builder"] = new("control", 1, "250m", "512Mi", "2Gi", "1Gi"),
        ["executor"] = new("control", 2, "250m", "512Mi", "2Gi", "1Gi"),
        ["worker"] = new("models", 1, "1", "1Gi", "4Gi", "64Mi", State: "20Gi", Keeps: true, Critical: true, GraceSeconds: 60),
    };

    public static ServiceLayout Of(string service) => Known.GetValueOrDefault(service)
        ?? new ServiceLayout("control", 1, "100m", "256Mi", "512Mi", "64Mi");
}
