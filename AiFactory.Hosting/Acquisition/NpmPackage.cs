namespace AiFactory.Hosting.Acquisition;

/// <summary>One package of npm, at one version.</summary>
/// <param name="Integrity">
/// The digest of its archive as npm writes it, <c>sha512-{base64}</c>; null where it could not be known when this was
/// written, and then the digest that npm itself records is the one that must match.
/// </param>
internal sealed record NpmPackage(string Name, string Version, string? Integrity)
{
    public override string ToString() => $"{Name}@{Version}";
}
