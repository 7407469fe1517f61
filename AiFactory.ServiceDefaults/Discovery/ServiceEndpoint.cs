namespace AiFactory.ServiceDefaults.Discovery;

/// <summary>One configured address of a service.</summary>
internal sealed class ServiceEndpoint(Uri address)
{
    private long _avoidUntil;

    public Uri Address { get; } = address;

    public bool IsAvoided(long nowTicks) => Volatile.Read(ref _avoidUntil) > nowTicks;

    /// <summary>It refused a connection: others are asked first until then.</summary>
    public void AvoidUntil(long ticks) => Volatile.Write(ref _avoidUntil, ticks);
}
