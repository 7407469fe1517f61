namespace AiFactory.AppHost.Kubernetes;

/// <summary>A line of the AppHost: the source calls the target. Each becomes one permission to go out and one to come in.</summary>
internal sealed record Edge(EdgeKind Kind, string Source, string Target)
{
    public string Name => $"{Source}-to-{Target}";
}
