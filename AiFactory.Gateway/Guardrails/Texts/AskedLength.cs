using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace AiFactory.Gateway.Guardrails.Texts;

/// <summary>
/// What a request says of the length of its answer, in the names of all servers: one of them reads the limit, and which one is not known here. What is no number, or a negative one, by which some mean
/// "no limit", is more than any rule lets pass.
/// </summary>
internal sealed class AskedLength
{
    private static readonly string[] Limits = ["max_tokens", "max_completion_tokens", "max_output_tokens", "max_new_tokens", "n_predict"];
    private static readonly string[] Counts = ["n", "best_of"];

    /// <summary>Who says nothing as often says it to get more.</summary>
    private const int MostNulls = 8;

    /// <summary>Limits that are there, in the letters that every server knows.</summary>
    private readonly List<string> _said = [];

    private bool _isTensor;
    private long? _tensor;

    /// <summary>The most that one of the limits asks.</summary>
    public long? Tokens { get; private set; }

    /// <summary>How many answers are asked for.</summary>
    public long Choices { get; private set; } = 1;

    /// <summary>Behind the document's brace.</summary>
    public int FirstMember { get; set; }

    /// <summary>Limits that are there and say nothing: <c>"max_tokens":null</c>.</summary>
    public List<(int At, int Length)> Nulls { get; } = [];

    /// <summary>Whether one of these limits is there.</summary>
    public bool Says(string[] limits) => Array.Exists(limits, _said.Contains);

    /// <param name="reader">At the value of a member of the document.</param>
    /// <param name="isExact">Whether the name is written as it is.</param>
    public void Read(in Utf8JsonReader reader, ReadOnlySpan<char> name, bool isExact)
    {
        if (IsOneOf(Limits, name))
        {
            if (isExact && !IsOneOf(CollectionsMarshal.AsSpan(_said), name))
            {
                _said.Add(name.ToString());
            }

            if (reader.TokenType == JsonTokenType.Null && Nulls.Count < MostNulls)
            {
                Nulls.Add(((int)reader.TokenStartIndex, reader.ValueSpan.Length));
            }
            else
            {
                Tokens = Math.Max(Tokens ?? 0, Number(reader));
            }
        }
        else if (IsOneOf(Counts, name) && reader.TokenType != JsonTokenType.Null)
        {
            Choices = Math.Max(Choices, Number(reader));
        }
    }

    /// <summary>KServe's requests have limits among their parameters, and as inputs of one number: <c>{"name":"max_tokens","datatype":"INT32","shape":[1],"data":[64]}</c>.</summary>
    public void ReadTensor(in Utf8JsonReader reader, ReadOnlySpan<char> name, bool isTensors)
    {
        if (!isTensors)
        {
            return;
        }

        if (name is "name")
        {
            Span<char> buffer = stackalloc char[MemberName.LongestRaw];
            _isTensor |= reader.TokenType == JsonTokenType.String && IsOneOf(Limits, MemberName.Read(reader.ValueSpan, buffer));
        }
        else if (name is "data" && reader.TokenType == JsonTokenType.StartArray)
        {
            var ahead = reader;
            _tensor = ahead.Read() && ahead.TokenType is JsonTokenType.Number or JsonTokenType.String ? Number(ahead) : _tensor;
        }
        else if (reader.TokenType is JsonTokenType.Number or JsonTokenType.String or JsonTokenType.Null)
        {
            Read(reader, name, isExact: true);
        }
    }

    /// <summary>An input is over.</summary>
    public void EndTensor()
    {
        Tokens = _isTensor ? Math.Max(Tokens ?? 0, _tensor ?? long.MaxValue) : Tokens;
        (_isTensor, _tensor) = (false, null);
    }

    private static bool IsOneOf(ReadOnlySpan<string> names, ReadOnlySpan<char> name)
    {
        foreach (var one in names)
        {
            if (name.SequenceEqual(one))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Some servers take texts for numbers.</summary>
    private static long Number(in Utf8JsonReader reader) =>
        reader.TokenType is JsonTokenType.Number or JsonTokenType.String && Utf8Parser.TryParse(reader.ValueSpan, out long number, out var read) && read == reader.ValueSpan.Length && number >= 0
            ? number
            : long.MaxValue;
}
