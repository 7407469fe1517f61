using AiFactory.ServiceDefaults.Loops;

namespace AiFactory.Gateway.Webhooks;

/// <summary>Wakes the deliverer of this gateway; those of the others look by themselves.</summary>
internal sealed class WebhookSignal
{
    public Signal Signal { get; } = new();
}
