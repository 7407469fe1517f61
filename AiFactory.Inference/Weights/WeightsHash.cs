using System.Security.Cryptography;

namespace AiFactory.Inference.Weights;

internal static class WeightsHash
{
    private const int BufferSize = 1 << 20;

    /// <summary>The SHA-256 of a whole file, in hex.</summary>
    public static async Task<string> OfAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, BufferSize, useAsync: true);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken));
    }
}
