namespace AiFactory.Gateway.Oidc;

/// <summary>What is known of the provider: immutable, swapped whole.</summary>
/// <param name="Version">Grows when the keys change.</param>
internal sealed record ProviderState(long Version, ProviderDocument Document, IReadOnlyList<SigningKey> Keys)
{
    public bool Knows(string? keyId) => keyId is null || Keys.Any(key => key.Id == keyId);
}
