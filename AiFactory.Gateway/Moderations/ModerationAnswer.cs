using System.Buffers;
using System.Text.Json;
using AiFactory.Gateway.Guardrails;
using AiFactory.Gateway.SubRequests;

namespace AiFactory.Gateway.Moderations;

/// <summary>
/// OpenAI's answer. Clients with types read its thirteen categories, which no rule judges: they are false, as OpenAI's own models have those that they do not judge. Each rule is a category beside them.
/// <code>{"id":"modr-0197...","model":"guardrails","results":[{"flagged":true,"categories":{"violence":false,...,"project/no-cards":true},"category_scores":{...},"category_applied_input_types":{...}}]}</code>
/// </summary>
internal static class ModerationAnswer
{
    private static readonly string[] OfOpenAI =
    [
        "harassment", "harassment/threatening", "sexual", "hate", "hate/threatening", "illicit", "illicit/violent", "self-harm/intent", "self-harm/instructions", "self-harm", "sexual/minors", "violence", "violence/graphic",
    ];

    /// <param name="rules">All that were asked.</param>
    /// <param name="found">For each verdict those that found something.</param>
    public static ReadOnlyMemory<byte> Write(string id, string model, IReadOnlyList<RuleIdentity> rules, IReadOnlyList<IReadOnlyList<RuleIdentity>> found)
    {
        string[] paths = [.. rules.Select(rule => rule.Path).Distinct(StringComparer.Ordinal)];
        var body = new ArrayBufferWriter<byte>(1024);
        using var json = new Utf8JsonWriter(body, RelaxedJson.Options);
        json.WriteStartObject();
        json.WriteString("id"u8, id);
        json.WriteString("model"u8, model);
        json.WriteStartArray("results"u8);
        foreach (var verdict in found)
        {
            var hits = verdict.Select(rule => rule.Path).ToHashSet(StringComparer.Ordinal);
            json.WriteStartObject();
            json.WriteBoolean("flagged"u8, hits.Count > 0);
            Write("categories", (name, isRule) => json.WriteBoolean(name, isRule && hits.Contains(name)));
            Write("category_scores", (name, isRule) => json.WriteNumber(name, isRule && hits.Contains(name) ? 1 : 0));
            Write("category_applied_input_types", (name, isRule) =>
            {
                json.WriteStartArray(name);
                if (isRule)
                {
                    json.WriteStringValue("text"u8);
                }

                json.WriteEndArray();
            });
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return body.WrittenMemory;

        void Write(string member, Action<string, bool> write)
        {
            json.WriteStartObject(member);
            foreach (var name in OfOpenAI)
            {
                write(name, false);
            }

            foreach (var path in paths)
            {
                write(path, true);
            }

            json.WriteEndObject();
        }
    }
}
