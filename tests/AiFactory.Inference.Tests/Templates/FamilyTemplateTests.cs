namespace AiFactory.Inference.Tests.Templates;

/// <summary>The templates of some seventy well-known models, beside npm <c>@huggingface/jinja</c>.</summary>
public sealed class FamilyTemplateTests
{
    private const string Weather = """{"type":"function","function":{"name":"get_weather","description":"Tells the weather.","parameters":{"type":"object","properties":{"city":{"type":"string","description":"Its name"},"unit":{"type":"string","description":"Of the degrees","enum":["C","F"]}},"required":["city"]}}}""";
    private const string Rest = "\"bos_token\":\"<s>\",\"eos_token\":\"</s>\"";

    /// <summary>One conversation for each way in which agents and people use a model.</summary>
    private static readonly (string Name, string Variables)[] Conversations =
    [
        ("a question", $$"""{"messages":[{"role":"user","content":"What is 2 + 2?"}],"add_generation_prompt":true,{{Rest}}}"""),
        ("a system message and turns", $$"""{"messages":[{"role":"system","content":"Be kind.\nBe short."},{"role":"user","content":" Hello "},{"role":"assistant","content":"Hello, you."},{"role":"user","content":"Bye <b>&\"now\"</b>"}],"add_generation_prompt":true,{{Rest}}}"""),
        ("an answered conversation", $$"""{"messages":[{"role":"user","content":"Grüße, 你好"},{"role":"assistant","content":"Hi!"}],"add_generation_prompt":false,{{Rest}}}"""),
        ("tools", $$"""{"messages":[{"role":"system","content":"Be kind."},{"role":"user","content":"Rain in Oslo?"}],"tools":[{{Weather}}],"add_generation_prompt":true,{{Rest}}}"""),
        ("a tool's result", $$"""{"messages":[{"role":"user","content":"Rain in Oslo?"},{"role":"assistant","content":"","tool_calls":[{"id":"call12345","type":"function","function":{"name":"get_weather","arguments":{"city":"Oslo","unit":"C"} } }]},{"role":"tool","content":"{\"rain\": true}","name":"get_weather","tool_call_id":"call12345"}],"tools":[{{Weather}}],"add_generation_prompt":true,{{Rest}}}"""),
    ];

    [Fact]
    public async Task Both_render_the_templates_of_known_models_alike()
    {
        var templates = await HuggingFaceJinja.KnownTemplatesAsync();
        var probes = templates.SelectMany(known => Conversations.Select(conversation => new TemplateProbe($"{known.Name}, {conversation.Name}", known.Template, conversation.Variables))).ToList();
        var theirs = await HuggingFaceJinja.RenderAsync(probes);
        var pairs = probes.Select((probe, index) => (Probe: probe, Ours: Rendering.Of(probe), Theirs: theirs[index])).ToList();

        // npm's knows less than Python's Jinja, which is the measure (integers as keys, filters of None and min, loops over what is undefined): where it cannot render, ours may.
        var rendered = pairs.Where(pair => !Fails(pair.Theirs)).ToList();
        var different = rendered.Where(pair => pair.Ours != pair.Theirs)
            .Select(pair => $"{pair.Probe.Name}:\n  ours   {Excerpt(pair.Ours, pair.Theirs)}\n  theirs {Excerpt(pair.Theirs, pair.Ours)}");
        different.ShouldBeEmpty();
        rendered.Select(pair => pair.Probe.Template).Distinct().Count().ShouldBeGreaterThan(60, "models of which at least one conversation was compared");
        rendered.Count.ShouldBeGreaterThan(300, "compared conversations");

        // Both refuse what a template itself refuses (a system message, roles that do not alternate), and what Python refuses: to append to a list, to add a dict to a text.
        pairs.Where(pair => Fails(pair.Ours) && Fails(pair.Theirs) && !pair.Probe.Template.Contains("raise_exception(")).Select(pair => pair.Probe.Name)
            .ShouldBe(["Kimi-K2-Instruct, a tool's result", "Kimi-K2-Thinking, a tool's result", "meetkai-functionary-medium-v3.2, a tool's result"]);
    }

    private static bool Fails(string text) => text.StartsWith('(') && text.EndsWith(')');

    /// <summary>What follows the place where two texts part.</summary>
    private static string Excerpt(string text, string other)
    {
        var parted = text.Zip(other).TakeWhile(pair => pair.First == pair.Second).Count();
        return text[Math.Max(0, parted - 30)..Math.Min(text.Length, parted + 90)];
    }
}
