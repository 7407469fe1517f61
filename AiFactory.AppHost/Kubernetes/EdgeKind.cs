namespace AiFactory.AppHost.Kubernetes;

internal enum EdgeKind
{
    Service,
    Postgres,
    Objects,
}
