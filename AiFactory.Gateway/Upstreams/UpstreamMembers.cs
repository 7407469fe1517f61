using System.Text.Json;
using AiFactory.Gateway.Guardrails.Texts;
using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Upstreams;

/// <summary>
/// The members by which scope, price, limits and ledger know a request. Services differ in which of two they read: those in Go take <c>Model</c> for <c>model</c>, some the first of two equal ones, others the
/// last. So each is said once, in small letters, or another model would answer than the one that was allowed and is paid.
/// </summary>
internal static class UpstreamMembers
{
    /// <summary>As <see cref="RequestHead"/> has it.</summary>
    private const int MaximumDepth = 256;

    private static readonly string[] Names = ["model", "max_tokens", "max_completion_tokens", "max_output_tokens", "n", "best_of", "stream", "stream_options"];

    /// <summary>Which is said in two ways; null where none is.</summary>
    public static OpenAIError? Check(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = MaximumDepth });
        Span<char> buffer = stackalloc char[MemberName.LongestRaw];
        Span<bool> seen = stackalloc bool[Names.Length];
        seen.Clear();
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = MemberName.Read(reader.ValueSpan, buffer);
            for (var i = 0; i < Names.Length; i++)
            {
                if (!name.SequenceEqual(Names[i]))
                {
                    continue;
                }

                if (seen[i] || !reader.ValueTextEquals(Names[i]))
                {
                    return OpenAIError.SaidTwice(Names[i]);
                }

                seen[i] = true;
            }

            reader.Read();
            reader.Skip();
        }

        return null;
    }
}
