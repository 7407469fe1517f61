using System.Text.Json;
using AiFactory.Inference.Templates;
using AiFactory.Inference.Templates.Values;
using AiFactory.Testing;

namespace AiFactory.Inference.Tests.Templates;

/// <summary>Renders templates of tests.</summary>
internal static class Rendering
{
    public static readonly DateTimeOffset Now = new(2026, 3, 5, 9, 4, 7, TimeSpan.Zero);

    public static string Of(TemplateProbe probe) => Text(probe.Template, probe.Variables);

    /// <returns>The text, or the message of the failure in parentheses.</returns>
    public static string Text(string template, string variables = "{}", TemplateLimits? limits = null)
    {
        try
        {
            return Value(template, variables, limits).Text;
        }
        catch (TemplateException fault)
        {
            return $"({fault.Message})";
        }
    }

    public static StringValue Value(string template, string variables = "{}", TemplateLimits? limits = null)
    {
        var given = (MapValue)JsonValues.From(JsonDocument.Parse(variables).RootElement);
        return Template.Parse(template, limits).Render(given.Entries.Select(entry => KeyValuePair.Create(((StringValue)entry.Key).Text, entry.Value)), new ManualTimeProvider(Now));
    }
}
