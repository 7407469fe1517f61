using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Sessions;

/// <summary>The sign-in link in force.</summary>
internal sealed class SignInLink(IOptions<ConsoleOptions> options)
{
    private const int MarkBytes = 16;

    private readonly byte[]? _hash = options.Value.SignInToken is { Length: > 0 } token ? SHA256.HashData(Encoding.UTF8.GetBytes(token)) : null;

    /// <summary>What the sessions that it began carry: with a new link they end. Null when there is no link.</summary>
    public string? Mark => _hash is null ? null : Base64Url.EncodeToString(SHA256.HashData(_hash).AsSpan(0, MarkBytes));

    /// <summary>Compares hashes, so that neither the length nor the place of the first difference shows in the time.</summary>
    public bool Matches(string token) => _hash is not null && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(token)), _hash);
}
