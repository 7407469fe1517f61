using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Grammars;
using AiFactory.Inference.Schemas;
using AiFactory.Inference.Tests.Grammars;
using AiFactory.Inference.Tests.Worker;

namespace AiFactory.Inference.Tests.Schemas;

/// <summary>Ten thousand grammars, schemas and bodies that were mangled: each is refused with a word of why, or taken; none hangs, and none ends the process.</summary>
[Collection(SharedWorker.Name)]
public sealed class FormatFuzzTests(WorkerFixture fixture)
{
    /// <summary>For all of them, on a machine that does other things: what goes on without bound takes longer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);

    private static readonly string[] GrammarParts =
        ["root ::= ", "\n", "a ::= ", "a", "root", " | ", "(", ")", "*", "+", "?", "{2,3}", "{0,99999}", "{,}", "[a-z]", "[^", "]", "\"", "\"ab\"", "\\", "\\x4", "\\U0010FFFF", "\\ud800", "#", ".", "<", "!", "\u00e9", "\0", "\ud800", "::=", "-"];

    private static readonly string[] SchemaParts =
        ["{", "}", "[", "]", ",", ":", "\"type\"", "\"object\"", "\"properties\":{", "\"$ref\":\"#\"", "\"$ref\":\"#/properties/a\"", "\"items\":{", "\"anyOf\":[{", "\"oneOf\":[", "\"allOf\":[", "\"enum\":[1,\"a\"]", "\"const\":null", "\"minimum\":-1e400", "\"maximum\":3", "\"pattern\":\"(a|b)*$\"", "\"pattern\":\"((((\"", "\"required\":[\"a\"]", "\"a\":", "true", "1e99", "-5", "\"minLength\":999999999", "\"maxItems\":2147483648", "\"format\":\"date\"", "\"additionalProperties\":"];

    private readonly HttpClient _client = fixture.Worker.CreateCaller();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public Task No_grammar_does_harm() => Task.Run(MangleGrammars, Token).WaitAsync(Patience, Token);

    [Fact]
    public Task No_schema_does_harm() => Task.Run(MangleSchemas, Token).WaitAsync(Patience, Token);

    [Fact]
    public Task No_body_does_harm() => MangleBodiesAsync().WaitAsync(Patience, Token);

    private static void MangleGrammars()
    {
        var (taken, refused) = (0, 0);
        foreach (var (text, random) in Mangle(3_000, NativeGrammarTests.Texts, GrammarParts))
        {
            try
            {
                Follow(Grammar.Parse(text), random);
                taken++;
            }
            catch (GrammarException fault)
            {
                fault.Line.ShouldBeGreaterThan(0);
                fault.Column.ShouldBeGreaterThan(0);
                refused++;
            }
        }

        taken.ShouldBeGreaterThan(100);
        refused.ShouldBeGreaterThan(100);
    }

    private static void MangleSchemas()
    {
        var (taken, refused) = (0, 0);
        foreach (var (text, random) in Mangle(6_000, SchemaSamples.All, SchemaParts))
        {
            try
            {
                using var document = JsonDocument.Parse(text);
                Follow(Grammar.Parse($"root ::= v\n{SchemaGrammar.Common}{SchemaGrammar.Write(document.RootElement, "v", CancellationToken.None)}"), random);
                taken++;
            }
            catch (JsonException)
            {
                // No schema at all.
            }
            catch (SchemaException fault)
            {
                fault.Path.ShouldStartWith("#");
                refused++;
            }
            catch (GrammarException)
            {
                refused++;
            }
        }

        taken.ShouldBeGreaterThan(100);
        refused.ShouldBeGreaterThan(50);
    }

    private async Task MangleBodiesAsync()
    {
        string[] bodies =
        [
            """{"model":"endless","messages":[{"role":"user","content":"x"}],"max_tokens":2,"response_format":{"type":"json_schema","json_schema":{"name":"a","strict":true,"schema":{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}}}}""",
            """{"model":"tools","messages":[{"role":"user","content":"x"}],"max_tokens":2,"tools":[{"type":"function","function":{"name":"f","strict":true,"parameters":{"type":"object","properties":{"a":{"enum":[1,2]}},"required":["a"]}}}],"tool_choice":"required"}""",
            """{"model":"endless","prompt":"x","messages":[{"role":"user","content":"x"}],"max_tokens":2,"n":2,"logprobs":true,"top_logprobs":3,"logit_bias":{"5":-100},"stop_token_ids":[7],"min_tokens":1,"typical_p":0.9}""",
            """{"model":"endless","prompt":[1,2,3],"max_tokens":2,"logprobs":3,"guided_choice":["a","b"],"stop":["x"],"stream":true,"stream_options":{"include_usage":true}}""",
            """{"model":"endless","prompt":"x","max_tokens":2,"grammar":"root ::= [a-z]+","structured_outputs":null,"seed":-1,"temperature":0.5,"top_p":0.9,"top_k":40,"min_p":0.1}""",
        ];
        string[] parts = [.. SchemaParts, "null", "\"x\"", "-1", "1e999", "\"model\":\"endless\"", "\"n\":999", "\"logit_bias\":", "\"grammar\":\"root ::= (\"", "\"stream\":true", "[[]]"];
        var statuses = new Dictionary<HttpStatusCode, int>();
        foreach (var (body, random) in Mangle(700, bodies, parts).Concat(Enumerable.Range(0, 800).Select(seed => MangleTree(bodies[seed % bodies.Length], new Random(seed)))))
        {
            using var content = new StringContent(body, Encoding.UTF8, "application/json");
            using var response = await _client.PostAsync(random.Next(2) == 0 ? "/v1/chat/completions" : "/v1/completions", content, Token);
            var answer = await response.Content.ReadAsStringAsync(Token);
            statuses[response.StatusCode] = statuses.GetValueOrDefault(response.StatusCode) + 1;
            ((int)response.StatusCode).ShouldBeLessThan(500, body);
            if (response.StatusCode != HttpStatusCode.OK)
            {
                JsonSerializer.Deserialize(answer, OpenAIJson.Default.ErrorEnvelope).ShouldNotBeNull().Error.Message.ShouldNotBeEmpty();
            }
        }

        statuses[HttpStatusCode.OK].ShouldBeGreaterThan(20);
        statuses[HttpStatusCode.BadRequest].ShouldBeGreaterThan(50);
    }

    /// <summary>Some steps on a way that the grammar allows.</summary>
    private static void Follow(Grammar grammar, Random random)
    {
        var matcher = new GrammarMatcher(grammar);
        var state = matcher.Start;
        try
        {
            for (var step = 0; step < 20; step++)
            {
                var bytes = Enumerable.Range(0, 256).Select(value => (byte)value).Where(value => matcher.Advance(state, value) is not null).ToList();
                if (bytes.Count == 0)
                {
                    return;
                }

                state = matcher.BeginToken(matcher.Advance(state, bytes[random.Next(bytes.Count)]).ShouldNotBeNull());
            }
        }
        catch (GrammarOverloadException)
        {
        }
    }

    /// <summary>Still JSON: some of its values are others.</summary>
    private static (string Text, Random Random) MangleTree(string body, Random random)
    {
        string[] values = ["null", "true", "-1", "0", "1", "3.5", "1e999", "\"x\"", "\"\"", "[]", "{}", "[1]", "[\"a\"]", "{\"5\":1}", "{\"type\":\"string\",\"pattern\":\"(a*)*$\"}", "{\"$ref\":\"#\"}", "{\"type\":\"json_object\"}", "\"root ::= root\"", "99999999999999999999"];
        var root = JsonNode.Parse(body) ?? new JsonObject();
        for (var change = random.Next(1, 3); change > 0; change--)
        {
            var nodes = new List<JsonNode> { root };
            for (var i = 0; i < nodes.Count; i++)
            {
                nodes.AddRange(nodes[i] switch { JsonObject members => members.Select(member => member.Value).OfType<JsonNode>(), JsonArray items => items.OfType<JsonNode>(), _ => [] });
            }

            var at = nodes[random.Next(nodes.Count)];
            if (at.Parent is not null && at.GetPath() is not ("$.model" or "$.max_tokens"))
            {
                at.ReplaceWith<JsonNode?>(JsonNode.Parse(values[random.Next(values.Length)]));
            }
        }

        return (root.ToJsonString(), random);
    }

    private static IEnumerable<(string Text, Random Random)> Mangle(int count, string[] samples, string[] parts)
    {
        for (var seed = 0; seed < count; seed++)
        {
            var random = new Random(seed);
            var text = new StringBuilder(samples[random.Next(samples.Length)]);
            for (var change = random.Next(1, 4); change > 0 && text.Length > 0; change--)
            {
                var at = random.Next(text.Length);
                switch (random.Next(4))
                {
                    case 0:
                        text.Remove(at, Math.Min(text.Length - at, random.Next(1, 8)));
                        break;
                    case 1:
                        text.Insert(at, parts[random.Next(parts.Length)]);
                        break;
                    case 2:
                        var length = Math.Min(text.Length - at, random.Next(1, 30));
                        text.Insert(random.Next(text.Length), text.ToString(at, length));
                        break;
                    default:
                        // A value or a part in another's place.
                        var end = Math.Min(text.Length, at + random.Next(1, 6));
                        text.Remove(at, end - at).Insert(at, parts[random.Next(parts.Length)]);
                        break;
                }
            }

            yield return (text.ToString(), random);
        }
    }
}
