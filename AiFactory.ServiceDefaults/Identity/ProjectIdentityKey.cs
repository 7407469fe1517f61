using System.Security.Cryptography;
using System.Text;

namespace AiFactory.ServiceDefaults.Identity;

/// <summary>
/// The key that a project's namespace in a cluster holds in place of the factory's. The factory's key signs every identity, an administrator's too, and whoever
/// may read Secrets in a namespace has what lies there; with this one they can speak to that project's workers and to nothing else. A caller of those workers signs for
/// them with it: <see cref="IdentityTokens"/> with this as <see cref="IdentityOptions.Key"/>.
/// </summary>
public static class ProjectIdentityKey
{
    /// <summary>The key of one namespace. The chart derives the same with Helm's functions, which have SHA-256 and no HMAC; hashing twice keeps what is hashed from being extended.</summary>
    /// <param name="factoryKey">The factory's <c>Identity:Key</c>.</param>
    /// <param name="kubernetesNamespace">Such as <c>ai-project-default</c>.</param>
    /// <returns>64 lower-case hexadecimal characters: SHA-256 of SHA-256 (as such characters) of <c>key/namespace</c> in UTF-8.</returns>
    public static string Derive(string factoryKey, string kubernetesNamespace)
    {
        ArgumentException.ThrowIfNullOrEmpty(factoryKey);
        ArgumentException.ThrowIfNullOrEmpty(kubernetesNamespace);
        return Hash(Hash($"{factoryKey}/{kubernetesNamespace}"));
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
