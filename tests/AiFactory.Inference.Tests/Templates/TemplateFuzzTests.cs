using AiFactory.Inference.Templates;

namespace AiFactory.Inference.Tests.Templates;

/// <summary>A template is a stranger's program: whatever it is, it is rendered or refused, and nothing else happens.</summary>
public sealed class TemplateFuzzTests
{
    private const string Variables = """{"messages":[{"role":"user","content":"Hi 🦙","tool_calls":[{"function":{"name":"f","arguments":{"a":[1,2.5,null]}}}]}],"tools":[{"function":{"name":"f","parameters":{"properties":{"a":{"type":"string"}}}}}],"x":"text","d":{"x":1}}""";

    private static readonly string[] Pieces =
    [
        "{{", "}}", "{%", "%}", "{#", "#}", "{%-", "-%}", "if", "else", "endif", "for x in", "endfor", "set", "endset", "macro f(a)", "endmacro", "messages", "tools", "loop", "namespace()", "range(9)",
        "|", "join", "map('upper')", "tojson", "sort", "[", "]", "(", ")", "{", "}", ":", ",", ".", "'", "\"", "\\", "1", "-1", "0", "1e999", "none", "x", "d", "is", "in", "not", "and", "*", "**", "//", "%", "~", "=", "\n", " ", "🦙", "\ud83e",
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_mangled_template_is_rendered_or_refused(int seed)
    {
        var random = new Random(seed);
        var limits = new TemplateLimits { Steps = 20_000, Output = 100_000, Characters = 1_000_000 };
        var sources = TemplateProbes.All.Select(probe => probe.Template).Append(GeneratedModels.ShippedTemplate).ToList();
        for (var run = 0; run < 2000; run++)
        {
            var template = sources[random.Next(sources.Count)];
            for (var change = random.Next(1, 6); change > 0; change--)
            {
                var start = random.Next(template.Length + 1);
                var length = random.Next(Math.Min(8, template.Length - start) + 1);
                template = template[..start] + (random.Next(3) > 0 ? Pieces[random.Next(Pieces.Length)] : "") + template[(start + length)..];
            }

            // Rendering.Text lets no exception pass as an answer but the template's own.
            Should.NotThrow(() => Rendering.Text(template, Variables, limits), template);
        }
    }
}
