using System.Text.Json;
using AiFactory.Builder.Templates;
using AiFactory.Contracts.Builder.Flows;
using static AiFactory.Builder.Steps.StepDescription;

namespace AiFactory.Builder.Steps.Types;

/// <summary>Changes a value without code.</summary>
internal sealed class TransformStep : IStepType
{
    private const string Operation = "operation";
    private const string Path = "path";
    private const string Find = "find";
    private const string Replacement = "replacement";
    private const string Separator = "separator";
    private const string Template = "template";

    private static readonly string[] Operations = ["pick", "parse JSON", "join", "split", "upper", "lower", "trim", "replace", "template"];

    public StepTypeResponse Description { get; } = new(
        "transform", "Transform", "Picks a value out of JSON, joins, splits or rewrites a text.",
        [Needs("in", PortTypes.Any, multiple: true)],
        [Gives("text", PortTypes.Text), Gives("json", PortTypes.Json)],
        [
            new(Operation, "Operation", SettingKinds.Select, Required: true, Default: Default("trim"), Options: Operations),
            new(Path, "Path", SettingKinds.Text, Help: "For 'pick': items[0].name"),
            new(Separator, "Separator", SettingKinds.Text, Help: "For 'join' and 'split'; a line break when empty."),
            new(Find, "Find", SettingKinds.Text, Help: "For 'replace'."),
            new(Replacement, "Replace with", SettingKinds.Text, Help: "For 'replace'."),
            new(Template, "Template", SettingKinds.LongText, Help: "For 'template': {{text}} is all that comes in, the name of a connected step what that step gave."),
        ]);

    public StepPolicy Policy => StepPolicy.Local;

    public IEnumerable<(string Setting, string Complaint)> Check(StepSettings settings)
    {
        var operation = settings.Text(Operation);
        if (operation == "pick" && !JsonPath.TryParse(settings.Text(Path), out _))
        {
            yield return (Path, "A path is names and indexes, for example items[0].name");
        }

        if (operation == Template && settings.Text(Template).Length == 0)
        {
            yield return (Template, "Write the template.");
        }

        if (operation == "replace" && settings.Text(Find).Length == 0)
        {
            yield return (Find, "Say what is to be replaced.");
        }
    }

    public IEnumerable<string> Variables(StepSettings settings) =>
        settings.Text(Operation) == Template ? TemplateText.Variables(settings.Text(Template)).Where(name => name != "text") : [];

    public Task<StepOutcome> RunAsync(StepContext context, CancellationToken cancellationToken) => Task.FromResult(Run(context));

    private static StepOutcome Run(StepContext context)
    {
        var settings = context.Settings;
        var text = context.Inputs.Text("in") ?? "";
        var separator = settings.Text(Separator) is { Length: > 0 } given ? given : "\n";
        switch (settings.Text(Operation))
        {
            case "pick":
                if (!JsonPath.TryParse(settings.Text(Path), out var path) || Parse(context) is not { } document)
                {
                    return new StepOutcome.Failed("The input is not JSON, so nothing can be picked out of it.", IsTransient: false);
                }

                return path.Find(document) is { } found
                    ? Value(found)
                    : new StepOutcome.Failed($"The input has nothing at '{settings.Text(Path)}'.", IsTransient: false);

            case "parse JSON":
                return Parse(context) is { } parsed ? Value(parsed) : new StepOutcome.Failed("The input is not JSON.", IsTransient: false);

            case Template:
                return Text(TemplateText.Fill(settings.Text(Template), name => context.Inputs.Variable(name == "text" ? "in" : name), most: context.MaxOutputBytes));

            case "join":
                return Text(Join(separator, Items(context), context.MaxOutputBytes));

            case "split":
                return Value(JsonSerializer.SerializeToElement(text.Split(separator, StringSplitOptions.RemoveEmptyEntries)));

            default:
                return Text(Rewrite(text, settings, context.MaxOutputBytes));
        }
    }

    private static string Rewrite(string text, StepSettings settings, int most) => settings.Text(Operation) switch
    {
        "upper" => text.ToUpperInvariant(),
        "lower" => text.ToLowerInvariant(),
        "replace" => Replace(text, settings.Text(Find), settings.Text(Replacement), most),
        _ => text.Trim(),
    };

    private static string Replace(string text, string find, string replacement, int most)
    {
        var length = text.Length + ((long)text.AsSpan().Count(find) * (replacement.Length - find.Length));
        return length <= most ? text.Replace(find, replacement, StringComparison.Ordinal) : throw new OversizeException(most);
    }

    private static string Join(string separator, IEnumerable<string> items, int most)
    {
        var length = 0L;
        return string.Join(separator, items.Select(item => (length += item.Length + separator.Length) - separator.Length <= most ? item : throw new OversizeException(most)));
    }

    /// <summary>The items of arrays, and what comes in beside them.</summary>
    private static IEnumerable<string> Items(StepContext context) => context.Inputs.All("in").SelectMany(value =>
        value.ValueKind == JsonValueKind.Array && PortValues.PassageTexts(value).Count == 0
            ? value.EnumerateArray().Select(PortValues.ToText)
            : [PortValues.ToText(value)]);

    private static JsonElement? Parse(StepContext context)
    {
        if (context.Inputs.First("in") is not { } value || value.ValueKind != JsonValueKind.String)
        {
            return context.Inputs.First("in");
        }

        try
        {
            return JsonSerializer.Deserialize<JsonElement>(value.GetString() ?? "");
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static StepOutcome.Done Text(string text) => StepOutcome.Of(("text", PortValues.Text(text)), ("json", PortValues.Text(text)));

    private static StepOutcome.Done Value(JsonElement value) => StepOutcome.Of(("text", PortValues.Text(PortValues.ToText(value))), ("json", value));
}
