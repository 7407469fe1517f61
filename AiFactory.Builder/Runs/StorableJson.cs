using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AiFactory.Builder.Runs;

/// <summary>JSON as Postgres stores it: <c>jsonb</c> refuses the character U+0000, which a model or a web service may well send. It becomes U+FFFD.</summary>
internal static class StorableJson
{
    /// <summary>What is kept is read again at 64, within the object of an answer or an event.</summary>
    private const int MostDepth = 48;

    private static readonly JsonSerializerOptions Plain = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private const string HalfCharacter = "it has a text with half of a character (a lone surrogate)";

    /// <summary>
    /// Why a value from outside is not kept; null when it can be. <c>jsonb</c> holds a number as its digits and prints them all: <c>1e131071</c> takes 8
    /// characters, and 128 KB when it is read. A number that no double holds is refused, and so is half of a character, which no UTF-8 has.
    /// </summary>
    internal static string? Complaint(JsonElement value, int depth = 1) => value.ValueKind switch
    {
        JsonValueKind.Object or JsonValueKind.Array when depth > MostDepth => $"its JSON is nested more than {MostDepth} deep",
        JsonValueKind.Object => value.EnumerateObject().Select(member => IsText(member) ? Complaint(member.Value, depth + 1) : HalfCharacter).FirstOrDefault(found => found is not null),
        JsonValueKind.Array => value.EnumerateArray().Select(item => Complaint(item, depth + 1)).FirstOrDefault(found => found is not null),
        JsonValueKind.String when !IsText(value) => HalfCharacter,
        JsonValueKind.Number when !IsNumber(value) => "it has a number that is beyond what a double holds",
        _ => null,
    };

    /// <summary>The bytes of a value's JSON in UTF-8, no character written as <c>\u</c> and four digits that need not be: each author may say as much, in any script.</summary>
    internal static int Size<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, Plain).Length;

    /// <summary>As <see cref="Size"/>, with each number as Postgres prints it.</summary>
    internal static long PrintedSize<T>(T value) => Length(JsonSerializer.SerializeToElement(value, Plain));

    /// <summary>In bytes, with each number as Postgres prints it: <c>1e308</c> has 309 digits when it is read.</summary>
    internal static long Length(JsonElement value) => JsonMarshal.GetRawUtf8Value(value).Length + Zeros(value);

    internal static string Write<T>(T value)
    {
        var text = JsonSerializer.Serialize(value, Plain);
        return text.Contains("\\u0000", StringComparison.Ordinal) ? Replaced(JsonNode.Parse(text))?.ToJsonString() ?? "null" : text;
    }

    private static long Zeros(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().Sum(member => Zeros(member.Value)),
        JsonValueKind.Array => value.EnumerateArray().Sum(Zeros),
        JsonValueKind.Number => Exponent(JsonMarshal.GetRawUtf8Value(value)),
        _ => 0,
    };

    private static long Exponent(ReadOnlySpan<byte> number)
    {
        var at = number.IndexOfAny((byte)'e', (byte)'E');
        return at < 0 ? 0 : int.TryParse(number[(at + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exponent) ? Math.Abs((long)exponent) : int.MaxValue;
    }

    private static JsonNode? Replaced(JsonNode? node) => node switch
    {
        JsonObject value => new JsonObject(value.Select(member => KeyValuePair.Create(Clean(member.Key), Replaced(member.Value))).DistinctBy(member => member.Key)),
        JsonArray items => new JsonArray([.. items.Select(Replaced)]),
        JsonValue value when value.TryGetValue<string>(out var text) => JsonValue.Create(Clean(text)),
        _ => node?.DeepClone(),
    };

    /// <summary>Of a number like 1e-400 a double keeps nothing.</summary>
    private static bool IsNumber(JsonElement value) =>
        value.TryGetDouble(out var number) && double.IsFinite(number) && (number != 0 || value.GetRawText().AsSpan().TrimStart("-0.").IndexOfAnyInRange('1', '9') is not 0);

    private static bool IsText(JsonElement value)
    {
        try
        {
            return value.GetString() is not null;
        }
        catch (InvalidOperationException)
        {
            // How System.Text.Json says it: "Cannot read incomplete UTF-16 JSON text as string with missing low surrogate."
            return false;
        }
    }

    private static bool IsText(JsonProperty member)
    {
        try
        {
            return member.Name is not null;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static string Clean(string text) => text.Replace('\0', '\uFFFD');
}
