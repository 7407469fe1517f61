using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Reasoning;
using AiFactory.Inference.Templates.Values;
using AiFactory.Inference.Tests.Tools;
using AiFactory.Inference.Tools;
using AiFactory.Inference.Tools.Formats;

namespace AiFactory.Inference.Tests.Reasoning;

/// <summary>Thoughts, text and calls of one answer, each in its own place, whole and streamed.</summary>
public sealed class ReasoningAnswerTests
{
    private const string Call = "<tool_call>\n{\"name\": \"ping\", \"arguments\": {}}\n</tool_call>";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, string, string, string?, string> Answers => new()
    {
        { nameof(ReasoningFormats.Think), nameof(CallFormats.Hermes), $"<think>\nI could {Call}.\n</think>\n\nHello", $"I could {Call}.", "Hello", "" },
        { nameof(ReasoningFormats.Think), nameof(CallFormats.Hermes), $"<think>Hm.</think>\n\n{Call}", "Hm.", null, "ping{}" },
        { nameof(ReasoningFormats.Think), nameof(CallFormats.Hermes), $"<think>Hm.</think>So: {Call}", "Hm.", "So:", "ping{}" },
        { nameof(ReasoningFormats.Think), "", $"<think>Hm.</think>{Call}", "Hm.", Call, "" },
        { nameof(ReasoningFormats.Harmony), nameof(CallFormats.Harmony), "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>commentary to=functions.ping <|constrain|>json<|message|>{}", "Hm.", null, "ping{}" },
        { nameof(ReasoningFormats.Harmony), nameof(CallFormats.Harmony), "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant to=functions.ping<|channel|>commentary json<|message|>{}", "Hm.", null, "ping{}" },
        { nameof(ReasoningFormats.Harmony), nameof(CallFormats.Harmony), "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>commentary<|message|>I ping.<|end|><|start|>assistant<|channel|>commentary to=functions.ping<|message|>{}", "Hm.", "I ping.", "ping{}" },
        { nameof(ReasoningFormats.Harmony), nameof(CallFormats.Harmony), "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>Hello", "Hm.", "Hello", "" },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Each_part_has_its_place(string reasoning, string calls, string written, string thought, string? content, string call)
    {
        var use = calls.Length == 0 ? ToolUse.None : new ToolUse(new ListValue([])) { Functions = [new ToolFunction("ping", null, IsStrict: false)], Format = Of<CallFormat>(typeof(CallFormats), calls) };
        await using var chat = await ScriptedChat.StartAsync(written, use, reasoning: new ReasoningUse(Of<ReasoningFormat>(typeof(ReasoningFormats), reasoning), ReasoningPlace.Before));
        using var client = new HttpClient();

        using var whole = await client.PostAsync($"{chat.Address}/chat/completions", Json("{}"), Token);
        var message = (await whole.Content.ReadFromJsonAsync(OpenAIJson.Default.ChatCompletion, Token)).ShouldNotBeNull().Choices[0].Message;
        (message.ReasoningContent, message.Content).ShouldBe((thought, content));
        string.Concat((message.ToolCalls ?? []).Select(one => one.Function.Name + one.Function.Arguments)).ShouldBe(call);

        using var streamed = await client.PostAsync($"{chat.Address}/chat/completions", Json("""{"stream":true}"""), Token);
        var deltas = Events(await streamed.Content.ReadAsStringAsync(Token)).Select(data => JsonSerializer.Deserialize(data, OpenAIJson.Default.ChatCompletionChunk).ShouldNotBeNull()).SelectMany(chunk => chunk.Choices).Select(choice => choice.Delta).ToList();
        string.Concat(deltas.Select(delta => delta.ReasoningContent)).ShouldBe(thought);
        string.Concat(deltas.Select(delta => delta.Content)).ShouldBe(content ?? "");
        string.Concat(deltas.SelectMany(delta => delta.ToolCalls ?? []).Select(one => one.Function?.Name + one.Function?.Arguments)).ShouldBe(call);

        using var response = await client.PostAsync($"{chat.Address}/responses", Json("{}"), Token);
        var items = (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("output");
        string[] types = ["reasoning", .. content is null ? Array.Empty<string>() : ["message"], .. call.Length == 0 ? Array.Empty<string>() : ["function_call"]];
        items.EnumerateArray().Select(item => item.GetProperty("type").GetString()).ShouldBe(types);
        items[0].GetProperty("content")[0].GetProperty("text").GetString().ShouldBe(thought);

        using var events = await client.PostAsync($"{chat.Address}/responses", Json("""{"stream":true}"""), Token);
        var told = Events(await events.Content.ReadAsStringAsync(Token)).Select(data => JsonDocument.Parse(data).RootElement).ToList();
        string.Concat(told.Where(one => one.GetProperty("type").GetString() == "response.reasoning_text.delta").Select(one => one.GetProperty("delta").GetString())).ShouldBe(thought);
        told.Count(one => one.GetProperty("type").GetString() == "response.reasoning_text.done").ShouldBe(1);
    }

    private static IEnumerable<string> Events(string body) => body.Split('\n').Where(line => line.StartsWith("data: {", StringComparison.Ordinal)).Select(line => line[6..]);

    private static T Of<T>(Type table, string name) => (T)table.GetField(name).ShouldNotBeNull().GetValue(null).ShouldNotBeNull();

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");
}
