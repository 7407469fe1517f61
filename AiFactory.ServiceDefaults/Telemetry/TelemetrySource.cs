namespace AiFactory.ServiceDefaults.Telemetry;

/// <summary>The names of a service's own <see cref="System.Diagnostics.ActivitySource"/> and <see cref="System.Diagnostics.Metrics.Meter"/>, which are collected.</summary>
internal sealed record TelemetrySource(string Name);
