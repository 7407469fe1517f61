using System.Diagnostics.Metrics;
using AiFactory.Gateway.Telemetry;

namespace AiFactory.Gateway.Webhooks;

/// <summary>An operator's alert stands on the parked ones.</summary>
internal sealed class WebhookTelemetry(IMeterFactory meters)
{
    private readonly Counter<long> _attempts = meters.Create(GatewayTelemetry.Name)
        .CreateCounter<long>("aifactory.gateway.webhook.attempts", "{attempt}", "Attempts to deliver webhook messages, by what became of the message: delivered, waiting, parked.");

    public void Attempted(string state) => _attempts.Add(1, new KeyValuePair<string, object?>("state", state));
}
