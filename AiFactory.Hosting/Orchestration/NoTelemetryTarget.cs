namespace AiFactory.Hosting.Orchestration;

internal sealed class NoTelemetryTarget : ITelemetryTarget
{
    public ValueTask<TelemetryEndpoint?> GetAsync(CancellationToken cancellationToken) => ValueTask.FromResult<TelemetryEndpoint?>(null);
}
