using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace AiFactory.ModelLibrary.ApprovedModels;

/// <summary>
/// The name of a version's object, the same wherever and whenever it is written:
/// <code>
/// demo-chat, latest, 1     demo-chat-latest-v1-2008b84963a3b8e0edbc
/// acme/Chat_7B, 2.0, 12    acme-chat-7b-2-0-v12-f50d1bf0e1ad257266a0
/// </code>
/// The readable part says the same of a/b and a-b, so 80 bits of the SHA-256 of all three stand behind it. At most 63 characters, as a DNS label.
/// </summary>
internal static partial class ApprovedModelName
{
    private const int Longest = 63;
    private const int HashDigits = 20;

    internal static string Of(string model, string tag, int version)
    {
        var readable = Unfit().Replace($"{model}-{tag}-v{version}".ToLowerInvariant(), "-").Trim('-');
        var cut = readable[..Math.Min(readable.Length, Longest - HashDigits - 1)].TrimEnd('-');
        return $"{cut}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{model}\n{tag}\n{version}")))[..HashDigits]}";
    }

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex Unfit();
}
