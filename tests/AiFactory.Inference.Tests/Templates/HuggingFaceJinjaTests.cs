using System.Text.Json;

namespace AiFactory.Inference.Tests.Templates;

/// <summary>The interpreter beside npm <c>@huggingface/jinja</c>, which many clients render chat templates with.</summary>
public sealed class HuggingFaceJinjaTests
{
    [Fact]
    public async Task Both_render_every_probe_alike()
    {
        var theirs = await HuggingFaceJinja.RenderAsync(TemplateProbes.All);

        var different = TemplateProbes.All.Zip(theirs).Where(pair => Rendering.Of(pair.First) != pair.Second)
            .Select(pair => $"{pair.First.Name}: ours {JsonSerializer.Serialize(Rendering.Of(pair.First))}, theirs {JsonSerializer.Serialize(pair.Second)}");
        different.ShouldBeEmpty();
        TemplateProbes.All.Count.ShouldBeGreaterThan(25);
    }

    [Fact]
    public async Task Both_render_the_shipped_template_alike()
    {
        const string Tools = """[{"type":"function","function":{"name":"get_weather","description":"Tells the weather.","parameters":{"type":"object","properties":{"city":{"type":"string","description":"Its name"},"unit":{"type":"string","enum":["C","F"]},"days":{}},"required":["city"]}}},{"type":"function","function":{"name":"ping"}}]""";
        const string Called = """[{"role":"user","content":"Oslo?"},{"role":"assistant","content":"","tool_calls":[{"id":"call_1","type":"function","function":{"name":"get_weather","arguments":{"city":"Oslo","days":2}}},{"id":"call_2","type":"function","function":{"name":"ping","arguments":{}}}]},{"role":"tool","content":"{\"rain\": true}","tool_call_id":"call_1"},{"role":"user","content":" And now? "}]""";
        string[] variables =
        [
            """{"messages":[{"role":"user","content":"Hello"}],"add_generation_prompt":true}""",
            """{"messages":[{"role":"system","content":"Be kind."},{"role":"user","content":"a\n b "},{"role":"assistant","content":"c"}],"add_generation_prompt":false}""",
            $$"""{"messages":[{"role":"user","content":"Oslo?"}],"tools":{{Tools}},"add_generation_prompt":true}""",
            $$"""{"messages":{{Called}},"tools":{{Tools}},"add_generation_prompt":true}""",
            $$"""{"messages":{{Called}},"tools":null,"add_generation_prompt":true}""",
        ];
        var probes = variables.Select((given, index) => new TemplateProbe($"shipped {index}", GeneratedModels.ShippedTemplate, given)).ToList();

        (await HuggingFaceJinja.RenderAsync(probes)).ShouldBe(probes.Select(Rendering.Of));
        Rendering.Of(probes[3]).ShouldContain("""{"name": "get_weather", "arguments": {"city": "Oslo", "days": 2}}""");
    }
}
