using System.Runtime.InteropServices;

namespace AiFactory.Hosting.Acquisition;

/// <summary>An operating system and a processor, by npm's words for them where they agree: <c>linux-x64</c>, <c>darwin-arm64</c>.</summary>
internal static class Platform
{
    public static string Current { get; } = Name();

    private static string Name()
    {
        var system =
            OperatingSystem.IsWindows() ? "windows"
            : OperatingSystem.IsMacOS() ? "darwin"
            // The binaries are linked against glibc: a musl system (Alpine) is another platform, and not one that they serve.
            : RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal) ? "linux-musl"
            : OperatingSystem.IsLinux() ? "linux"
            : "unknown";
        return $"{system}-{RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}";
    }
}
