using System.Runtime.InteropServices;
using System.Text.Json;

namespace AiFactory.ServiceDefaults.Schemas;

/// <summary>One text, read once however many schemas it is held to, and what was found out about its values: a part of a schema that many others refer to is asked once of each.</summary>
public sealed class SchemaRun : IDisposable
{
    /// <summary>Of values.</summary>
    private const int DeepestValue = 64;

    /// <summary>Of parts of schemas that ask one another.</summary>
    private const int Deepest = 512;

    private const int BytesOfStep = 64;

    /// <summary>Some MB; what is beyond is asked again.</summary>
    private const int MostVerdicts = 50_000;

    private readonly Dictionary<(SchemaNode Part, int At), SchemaFault?> _verdicts = [];
    private readonly ReadOnlyMemory<byte> _json;
    private readonly SchemaWork _work;
    private readonly JsonDocument? _document;
    private int _depth;

    /// <param name="json">UTF-8. It stays as it is until this is disposed.</param>
    public SchemaRun(ReadOnlyMemory<byte> json, SchemaWork work)
    {
        ArgumentNullException.ThrowIfNull(work);
        (_json, _work) = (json, work);
        work.Grow(json.Length);
        try
        {
            _document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = DeepestValue });
        }
        catch (JsonException)
        {
            // It has no root, which says so.
        }
    }

    /// <summary>Null where the text is no JSON.</summary>
    internal JsonElement? Root => _document?.RootElement;

    public void Dispose() => _document?.Dispose();

    /// <inheritdoc cref="SchemaWork.Spend"/>
    internal void Spend(long steps = 1) => _work.Spend(steps);

    /// <summary>For a look at all of a value's bytes.</summary>
    internal void SpendOn(JsonElement value) => Spend(1 + (JsonMarshal.GetRawUtf8Value(value).Length / BytesOfStep));

    /// <summary>For a look at a member's name.</summary>
    internal void SpendOn(JsonProperty member) => Spend(1 + (JsonMarshal.GetRawUtf8PropertyName(member).Length / BytesOfStep));

    /// <summary>What a check of a value costs at least: all look at the whole of texts and numbers. What they look at within lists and objects they tell themselves.</summary>
    internal static int CostOf(JsonElement value) => value.ValueKind is JsonValueKind.String or JsonValueKind.Number ? 1 + (JsonMarshal.GetRawUtf8Value(value).Length / BytesOfStep) : 1;

    /// <inheritdoc cref="SchemaWork.Has"/>
    internal bool Has(string text, Guardrails.RulePattern pattern) => _work.Has(text, pattern);

    /// <summary>A member's name as a value, where it stands.</summary>
    internal JsonDocument NameOf(JsonProperty member)
    {
        var name = JsonMarshal.GetRawUtf8PropertyName(member);
        _json.Span.Overlaps(name, out var at);
        return JsonDocument.Parse(_json.Slice(at - 1, name.Length + 2));
    }

    /// <summary>From the beginning, for the next schema.</summary>
    internal void Restart() => _depth = 0;

    /// <exception cref="TimeoutException">It is too deep.</exception>
    internal void Enter()
    {
        Spend();
        if (++_depth > Deepest)
        {
            throw new TimeoutException("The schemas ask for more than one answer is looked at.");
        }
    }

    internal void Leave() => _depth--;

    /// <summary>What a part says of a value, which it is asked once.</summary>
    internal SchemaFault? Once(SchemaNode part, JsonElement value, SchemaCheck check)
    {
        Spend();
        _json.Span.Overlaps(JsonMarshal.GetRawUtf8Value(value), out var at);
        if (_verdicts.TryGetValue((part, at), out var known))
        {
            return known;
        }

        var fault = check(value, this);
        if (_verdicts.Count < MostVerdicts)
        {
            _verdicts[(part, at)] = fault;
        }

        return fault;
    }
}
