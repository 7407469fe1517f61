namespace AiFactory.ServiceDefaults.Egress;

/// <summary>A host that was to be called is one of the <see cref="ClosedAddresses"/>.</summary>
public sealed class ClosedAddressException(string message) : IOException(message);
