using System.Text;
using System.Text.Json.Nodes;

namespace AiFactory.Inference.Tests.Fuzz;

/// <summary>Mangles valid bodies: the same seed always gives the same body.</summary>
internal static class BodyMutations
{
    /// <summary>Stands in a tree for a text that is no JSON, or none that a tree can hold.</summary>
    private const string Hole = "@@hole@@";

    private delegate FuzzedBody Mutation(int seed, Random random, string route, string body);

    private static readonly string[] Values =
    [
        "null", "true", "false", "0", "-1", "1", "3.5", "\"\"", "\"x\"", "[]", "{}", "[1]", "[null]", "[[]]", "[\"a\",1]", "{\"a\":{}}", "{\"type\":\"function\"}", "{\"type\":\"json_object\"}", "{\"$ref\":\"#\"}",
        "\"root ::= root\"", "\"a\\u0000b\"", "\"<|im_end|>\"", "\"{{ 7 }}\"", "\"../../etc\"", "\" \\n\\t \"", "\"-1\"", "\"true\"", "\"\\ud83d\\ude00\"",
    ];

    private static readonly string[] Numbers =
    [
        "1e400", "-1e400", "1e-400", "1e38", "3.4e39", "2147483647", "2147483648", "-2147483648", "-2147483649", "4294967296", "9007199254740993", "9223372036854775807", "9223372036854775808", "1e308",
        "99999999999999999999999999999999", "0.1e1", "1.0", "-0", "-0.0", "1E+2", "0.00000000000000000000000000000001", "123456789012345678901234567890123456789012345678901234567890.5",
    ];

    /// <summary>What no reader of JSON takes.</summary>
    private static readonly string[] NoJson = ["NaN", "Infinity", "-Infinity", "01", "1.", ".5", "+1", "0x10", "'x'", "undefined", "tru", "\"\\x41\"", "\"\\u12\"", "\"a\nb\"", "{1:2}", "{\"a\"}", "[1,]", "/* */ 1", "\"x"];

    private static readonly string[] Surrogates = ["\"\\ud800\"", "\"\\udc00\"", "\"a\\ud83d\"", "\"\\ude00\\ud83d\"", "\"\\ud800\\ud800x\"", "{\"\\ud800\":1}", "[\"\\udfff\"]", "{\"type\":\"text\",\"text\":\"\\ud800\"}"];

    private static readonly string[] ContentTypes =
    [
        "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml", "application/octet-stream", "application/jsonx", "application/grpc", "json", "application/json; charset=utf-16", "application/json; charset=klingon",
        "application/json; charset=iso-8859-1", "application/json; charset=\"\\\"\"", "text/json5", "application/json, text/plain", "*/*", ";;;",
    ];

    private static readonly (string Kind, Mutation Mutate)[] Kinds =
    [
        ("another type", (seed, random, route, body) => Text(seed, route, Fill(body, random, Pick(Values, random)))),
        ("two other types", (seed, random, route, body) => Text(seed, route, Fill(Fill(body, random, Pick(Values, random)), random, Pick(Values, random)))),
        ("a number", (seed, random, route, body) => Text(seed, route, Fill(body, random, Pick(Numbers, random)))),
        ("no JSON", (seed, random, route, body) => Text(seed, route, Fill(body, random, Pick(NoJson, random)), isWrong: true)),
        ("half a character", (seed, random, route, body) => Text(seed, route, Fill(body, random, Pick(Surrogates, random)))),
        ("depth", (seed, random, route, body) => Text(seed, route, Fill(body, random, Deep(random)))),
        ("length", (seed, random, route, body) => Text(seed, route, Fill(body, random, Long(random)))),
        ("a member twice", (seed, random, route, body) => Text(seed, route, Twice(body, random))),
        ("a member less", (seed, random, route, body) => Text(seed, route, Without(body, random))),
        ("another route's member", (seed, random, route, body) => Text(seed, route, Borrow(body, random))),
        ("another route's body", (seed, random, route, body) => Text(seed, Pick(ValidBodies.All, random).Route, Fill(body, random, Pick(Values, random)))),
        ("characters", (seed, random, route, body) => Text(seed, route, Mangle(body, random))),
        ("bytes", (seed, random, route, body) => new(seed, "", route, MangleBytes(body, random), "application/json", false, IsWrong: false)),
        ("an end too soon", (seed, random, route, body) => Text(seed, route, body[..random.Next(body.Length)], isWrong: true)),
        ("something behind the end", (seed, random, route, body) => Text(seed, route, body + Pick(["}", "{}", "\0", "x", ",", "[", body], random), isWrong: true)),
        ("no object", (seed, random, route, _) => Text(seed, route, new string(' ', random.Next(40)) + Pick(["", "null", "[]", "1", "\"x\"", "true", "[{}]", "\ufeff", "\ufeffnull"], random) + new string('\n', random.Next(40)), isWrong: true)),
        ("a content type", (seed, random, route, body) => Text(seed, route, Fill(body, random, "1")) with { ContentType = Pick(ContentTypes, random), IsWrong = true }),
        ("another encoding", (seed, random, route, body) => new(seed, "", route, Pick<Encoding>([Encoding.Unicode, Encoding.BigEndianUnicode, Encoding.UTF32], random).GetBytes(Fill(body, random, "1")), "application/json", false, IsWrong: true)),
    ];

    public static FuzzedBody Make(int seed)
    {
        var random = new Random(seed);
        var (route, body) = Pick(ValidBodies.All, random);
        var (kind, mutate) = Kinds[seed % Kinds.Length];
        return mutate(seed, random, route, body) with { Kind = kind, IsChunked = random.Next(4) == 0 };
    }

    private static FuzzedBody Text(int seed, string route, string text, bool isWrong = false) => new(seed, "", route, Encoding.UTF8.GetBytes(text), "application/json", false, isWrong);

    private static T Pick<T>(IReadOnlyList<T> values, Random random) => values[random.Next(values.Count)];

    /// <summary>One of the body's values becomes another. The model stays mostly, or nothing but its name would be read; so does what keeps answers short.</summary>
    private static string Fill(string body, Random random, string value)
    {
        if (Tree(body) is not { } root)
        {
            return body + value;
        }

        var nodes = Nodes(root);
        var at = Pick(nodes, random);
        for (var attempt = 0; attempt < 20 && (at.Parent is null || (IsKept(at) && random.Next(40) != 0)); attempt++)
        {
            at = Pick(nodes, random);
        }

        if (at.Parent is null)
        {
            return value;
        }

        at.ReplaceWith<JsonNode?>(JsonValue.Create(Hole));
        return root.ToJsonString().Replace($"\"{Hole}\"", value, StringComparison.Ordinal);
    }

    private static bool IsKept(JsonNode node) => node.GetPath() is var path && (path.EndsWith(".model", StringComparison.Ordinal) || path.Contains("max_", StringComparison.Ordinal));

    private static string Deep(Random random)
    {
        var (depth, kind) = (random.Next(20, 3_000), random.Next(3));
        var (open, close) = kind switch { 0 => ("[", "]"), 1 => ("{\"a\":", "}"), _ => ("{\"type\":\"array\",\"items\":", "}") };
        return string.Concat(Enumerable.Repeat(open, depth)) + "1" + (random.Next(8) == 0 ? "" : string.Concat(Enumerable.Repeat(close, depth)));
    }

    private static string Long(Random random)
    {
        var count = random.Next(1_000, 30_000);
        return random.Next(4) switch
        {
            0 => $"\"{string.Concat(Enumerable.Repeat(Pick(["a", "\u00e9", "\\n", "\\u0000", "\ud83d\ude00", " "], random), count))}\"",
            1 => $"[{string.Join(',', Enumerable.Repeat(Pick(["1", "\"a\"", "[]", "null", "{\"role\":\"user\",\"content\":\"x\"}"], random), count / 10))}]",
            2 => $"{{{string.Join(',', Enumerable.Range(0, count / 10).Select(index => $"\"{index}\":{index}"))}}}",
            _ => new string('9', count),
        };
    }

    private static string Twice(string body, Random random)
    {
        var places = Enumerable.Range(0, body.Length).Where(index => body[index] == '{').ToList();
        var keys = body.Split('"').Where((_, index) => index % 2 == 1).ToList();
        var at = random.Next(3) == 0 ? Pick(places, random) : 0;
        return body.Insert(at + 1, $"\"{Pick(keys, random)}\":{Pick(Values, random)}{(body[at + 1] == '}' ? "" : ",")}");
    }

    private static string Without(string body, Random random)
    {
        var root = Tree(body) ?? new JsonObject();
        for (var change = random.Next(1, 4); change > 0; change--)
        {
            var objects = Nodes(root).OfType<JsonObject>().Where(members => members.Count > 0).ToList();
            if (objects.Count > 0)
            {
                var members = Pick(objects, random);
                members.Remove(Pick(members.Select(member => member.Key).ToList(), random));
            }
        }

        return root.ToJsonString();
    }

    private static string Borrow(string body, Random random)
    {
        var (root, other) = (Tree(body)?.AsObject() ?? [], Tree(Pick(ValidBodies.All, random).Body)?.AsObject() ?? []);
        foreach (var (name, value) in other)
        {
            if (name != "model" && random.Next(2) == 0)
            {
                root[name] = value?.DeepClone();
            }
        }

        return Fill(root.ToJsonString(), random, Pick(Values, random));
    }

    private static string Mangle(string body, Random random)
    {
        var text = new StringBuilder(body);
        for (var change = random.Next(1, 5); change > 0 && text.Length > 0; change--)
        {
            var at = random.Next(text.Length);
            _ = random.Next(3) switch
            {
                0 => text.Remove(at, Math.Min(text.Length - at, random.Next(1, 8))),
                1 => text.Insert(at, Pick([.. Values, .. Numbers, .. NoJson, "{", "}", "[", "]", ",", ":", "\"", "\\"], random)),
                _ => text.Insert(random.Next(text.Length), text.ToString(at, Math.Min(text.Length - at, random.Next(1, 30)))),
            };
        }

        return text.ToString();
    }

    private static byte[] MangleBytes(string body, Random random)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        for (var change = random.Next(1, 4); change > 0; change--)
        {
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        }

        return bytes;
    }

    private static JsonNode? Tree(string body)
    {
        try
        {
            return JsonNode.Parse(body);
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }

    private static List<JsonNode> Nodes(JsonNode root)
    {
        var nodes = new List<JsonNode> { root };
        for (var i = 0; i < nodes.Count; i++)
        {
            nodes.AddRange(nodes[i] switch { JsonObject members => members.Select(member => member.Value).OfType<JsonNode>(), JsonArray items => items.OfType<JsonNode>(), _ => [] });
        }

        return nodes;
    }
}
