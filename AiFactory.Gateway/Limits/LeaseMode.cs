namespace AiFactory.Gateway.Limits;

/// <summary>Whether limits are shared with other gateways.</summary>
internal sealed class LeaseMode
{
    public bool IsAlone { get; } = true;
}
