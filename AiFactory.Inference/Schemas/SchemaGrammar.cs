using System.Globalization;
using System.Text;
using System.Text.Json;

namespace AiFactory.Inference.Schemas;

/// <summary>
/// Turns a JSON schema (draft 2020-12, a part of it) into a grammar whose texts all meet the schema. Members come in the order of the schema; where it does not say, an object has
/// no further members than those it names. What cannot be held to is refused with its place.
/// </summary>
internal sealed class SchemaGrammar
{
    private const int MostCharacters = 250_000;

    /// <summary>The rules that schemas are written with: <c>any</c> is any JSON, <c>any-object</c> any object.</summary>
    public static readonly string Common =
        $$"""
        ws ::= (" " | "\n" [ \t]{0,20})?
        char ::= {{StringGrammar.CharacterRule}}
        any-string ::= "\"" char* "\""
        any ::= any-object | any-array | any-string | any-number | "true" | "false" | "null"
        any-object ::= "{" ws (any-string ":" ws any (ws "," ws any-string ":" ws any)*)? ws "}"
        any-array ::= "[" ws (any (ws "," ws any)*)? ws "]"
        any-number ::= {{NumberGrammar.AnyNumber}}

        """;

    private readonly string _name;
    private readonly SchemaSource _source;
    private readonly StringBuilder _grammar = new();
    private readonly Dictionary<string, string> _rules = [];
    private readonly Queue<(string Rule, List<SchemaItem> Items)> _open = new();

    private SchemaGrammar(JsonElement schema, string name, SchemaWork work)
    {
        _name = name;
        _source = new SchemaSource(schema, work);
    }

    /// <param name="name">The rule that the schema becomes; others have names that begin with it.</param>
    /// <returns>GBNF that needs <see cref="Common"/>.</returns>
    /// <exception cref="SchemaException"/>
    public static string Write(JsonElement schema, string name, CancellationToken cancellationToken) => Write(schema, name, new SchemaWork(cancellationToken));

    /// <param name="work">What all schemas of a request may cost together.</param>
    /// <inheritdoc cref="Write(JsonElement, string, CancellationToken)"/>
    public static string Write(JsonElement schema, string name, SchemaWork work)
    {
        var writer = new SchemaGrammar(schema, name, work);
        writer.Append(name, writer.Rule([writer._source.Root]));
        while (writer._open.TryDequeue(out var next))
        {
            writer.Write(next.Rule, next.Items);
            if (writer._grammar.Length > MostCharacters)
            {
                throw new SchemaException("#", "the schema says too much: its grammar grows beyond what is kept. Use fewer alternatives, values and members");
            }
        }

        return writer._grammar.ToString();
    }

    /// <returns>The name of the rule for values that meet all the conditions.</returns>
    public string Rule(IReadOnlyCollection<SchemaItem> items)
    {
        foreach (var item in items)
        {
            Spend(1, item.Path);
        }

        var distinct = items.DistinctBy(item => item.Key).OrderBy(item => item.Key, StringComparer.Ordinal).ToList();
        if (distinct.Count == 0 || distinct.TrueForAll(item => item.Element.ValueKind == JsonValueKind.True))
        {
            return "any";
        }

        var key = string.Join('\n', distinct.Select(item => item.Key));
        if (!_rules.TryGetValue(key, out var rule))
        {
            _rules[key] = rule = $"{_name}-{_rules.Count}";
            _open.Enqueue((rule, distinct));
        }

        return rule;
    }

    /// <inheritdoc cref="SchemaWork.Spend"/>
    public void Spend(long steps, string path) => _source.Work.Spend(steps, path);

    public void Append(string rule, string alternatives) => _grammar.Append(CultureInfo.InvariantCulture, $"{rule} ::= {alternatives}\n");

    public void AppendNames(string rule, IEnumerable<string> excluded) => ExcludedNames.Write(_grammar, rule, excluded);

    private void Write(string rule, List<SchemaItem> items)
    {
        var flat = _source.Flatten(items);
        if (flat.Find(item => item.Kind is SchemaItemKind.AnyOf or SchemaItemKind.OneOf) is { } choice)
        {
            flat.Remove(choice);
            var branches = SchemaSource.Branches(choice.Element, choice.Path);
            if (choice.Kind == SchemaItemKind.OneOf)
            {
                new SchemaOverlap(_source, flat).Refuse(branches, choice.Path);
            }

            Append(rule, string.Join(" | ", branches.Select(branch => Rule([.. flat, branch]))));
            return;
        }

        var shape = new SchemaShape(flat);
        var alternatives = shape.Values is null ? Types(rule, shape) : Values(shape);
        Append(rule, string.Join(" | ", alternatives.Where(alternative => alternative.Length > 0).DefaultIfEmpty("[]")));
    }

    private IEnumerable<string> Types(string rule, SchemaShape shape)
    {
        var types = shape.Types;
        if (types == SchemaTypes.All)
        {
            yield return "any";
            yield break;
        }

        if (types.HasFlag(SchemaTypes.Object))
        {
            yield return new ObjectGrammar(this, shape, $"{rule}-o").Write();
        }

        if (types.HasFlag(SchemaTypes.Array))
        {
            yield return new ArrayGrammar(this, shape, $"{rule}-a").Write();
        }

        if (types.HasFlag(SchemaTypes.String))
        {
            yield return StringGrammar.Write(shape);
        }

        if ((types & SchemaTypes.Number) != 0)
        {
            yield return NumberGrammar.Write(shape);
        }

        if (types.HasFlag(SchemaTypes.Boolean))
        {
            yield return "\"true\" | \"false\"";
        }

        if (types.HasFlag(SchemaTypes.Null))
        {
            yield return "\"null\"";
        }
    }

    /// <summary>The values of <c>enum</c> and <c>const</c> that meet what else is asked.</summary>
    private IEnumerable<string> Values(SchemaShape shape)
    {
        foreach (var value in shape.Values ?? [])
        {
            // Each is compared with what each of the schemas asks.
            Spend(1 + shape.Objects.Count, shape.Path);
            var type = SchemaShape.TypeOf(value);
            if ((shape.Declared & type) != 0 && SchemaValues.Meets(shape, value, type))
            {
                yield return GbnfText.Json(value);
            }
        }
    }
}
