namespace AiFactory.Hosting.Orchestration;

/// <summary>Where resources send their telemetry. The dashboard fills it in; without one nothing is sent.</summary>
internal interface ITelemetryTarget
{
    /// <summary>Waits until the target is known. Null: there is none.</summary>
    ValueTask<TelemetryEndpoint?> GetAsync(CancellationToken cancellationToken);
}
