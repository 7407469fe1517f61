using AiFactory.Testing.Npm;

namespace AiFactory.Gateway.Tests.Edges;

/// <summary>npm's packages for the tests of the gateway.</summary>
internal static class ClientPackages
{
    public static NpmFolder Npm { get; } = new("tests", "AiFactory.Gateway.Tests", "npm");
}
