using System.Text.Json;

namespace AiFactory.Builder.Secrets;

/// <param name="Values">As they are sent.</param>
/// <param name="Used">The secrets among them.</param>
internal sealed record SecretHeaders(Dictionary<string, string> Values, IReadOnlySet<string> Used)
{
    /// <summary>A service may repeat what it was sent: what is kept of its answer has no secret in it, nor one as JSON writes it.</summary>
    internal string Clean(string answer)
    {
        foreach (var secret in Used)
        {
            answer = answer.Replace(secret, SecretReferences.Hidden, StringComparison.Ordinal).Replace(JsonEncodedText.Encode(secret).ToString(), SecretReferences.Hidden, StringComparison.Ordinal);
        }

        return answer;
    }

    /// <summary>Values are not printed, whoever logs this.</summary>
    public override string ToString() => $"{Values.Count} headers, {Used.Count} secrets";
}
