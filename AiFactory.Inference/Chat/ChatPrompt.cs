using AiFactory.Inference.Native;
using AiFactory.Inference.Reasoning;
using AiFactory.Inference.Templates;
using AiFactory.Inference.Templates.Values;
using AiFactory.Inference.Tools.Formats;

namespace AiFactory.Inference.Chat;

/// <summary>Turns a conversation into the model's tokens, by the model's own template.</summary>
internal sealed partial class ChatPrompt
{
    /// <summary>The most common form, for models that bring no template.</summary>
    private const string ChatMl =
        """
        {%- for message in messages -%}
        {{ '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}
        {%- endfor -%}
        {%- if add_generation_prompt -%}
        {{ '<|im_start|>assistant\n' }}
        {%- endif -%}
        """;

    /// <summary>Of an assistant's message, by how many templates have them.</summary>
    private static readonly string[] ThoughtKeys = ["reasoning_content", "reasoning", "thinking", "thought"];

    private readonly Template _template;
    private readonly PromptTokenizer _tokenizer;
    private readonly TimeProvider _time;
    private readonly string[] _marks;
    private readonly List<KeyValuePair<string, TemplateValue>> _tokens = [];

    private ChatPrompt(LlamaModel model, Template template, string source, TimeProvider time)
    {
        _template = template;
        _tokenizer = new PromptTokenizer(model);
        _time = time;
        TakesTools = template.Uses("tools");

        Calls = TakesTools ? CallFormats.Find(source) : null;
        Reasoning = ReasoningFormats.Find(source);
        ThoughtKey = Reasoning is { IsPart: true } ? "content" : Array.Find(ThoughtKeys, key => Looks(source, key));
        _marks = [.. Calls?.Literals ?? [], .. Reasoning?.Literals ?? []];
        ForTools = this;

        AddToken("bos_token", model.BeginText);
        AddToken("eos_token", model.EndText);
    }

    /// <summary>Whether the template shows the model the tools of a request.</summary>
    public bool TakesTools { get; }

    /// <summary>How the model is taught to write calls; null when that is not known, and its calls are text.</summary>
    public CallFormat? Calls { get; }

    /// <summary>How the model marks what it thinks; null when its template shows no thoughts.</summary>
    public ReasoningFormat? Reasoning { get; }

    /// <summary>The member of a message in which the template looks for thoughts; null when it looks for none.</summary>
    public string? ThoughtKey { get; }

    /// <summary>Where a prompt leaves the model; over where it marks no thoughts.</summary>
    /// <param name="rendered">What <see cref="Render"/> gave.</param>
    public ReasoningPlace PlaceOf(StringValue rendered) => Reasoning?.PlaceOf(rendered) ?? ReasoningPlace.Over;

    /// <summary>Whether the template reads a variable of the name.</summary>
    public bool Uses(string name) => _template.Uses(name);

    /// <summary>What requests with tools are rendered by: itself, unless the file has a second template for them.</summary>
    public ChatPrompt ForTools { get; private set; }

    /// <summary>ChatML stands in for a template that is absent, or that cannot be read.</summary>
    public static ChatPrompt For(LlamaModel model, TimeProvider time, ILogger logger)
    {
        if (model.ChatTemplate is null)
        {
            LogNoTemplate(logger);
        }

        var prompt = Read(model, model.ChatTemplate, time, logger) ?? new ChatPrompt(model, Template.Parse(ChatMl), ChatMl, time);
        prompt.ForTools = Read(model, model.ToolTemplate, time, logger) is { TakesTools: true } second ? second : prompt;

        string[] marks = [.. prompt._marks, .. prompt.ForTools._marks];
        if (marks.Length > 0)
        {
            model.Show(model.GetControlTexts().Where(text => marks.Any(mark => mark.Contains(text, StringComparison.Ordinal))));
        }

        if (prompt.ForTools is { TakesTools: true, Calls: null })
        {
            LogOtherCalls(logger);
        }

        return prompt;
    }

    /// <returns>Null when there is none that can be read.</returns>
    private static ChatPrompt? Read(LlamaModel model, string? source, TimeProvider time, ILogger logger)
    {
        try
        {
            return source is null ? null : new ChatPrompt(model, Template.Parse(source), source, time);
        }
        catch (TemplateException fault)
        {
            LogUnreadable(logger, fault.Message);
            return null;
        }
    }

    /// <param name="rendered">What <see cref="Render"/> gave.</param>
    public int[] Tokenize(StringValue rendered) => _tokenizer.Tokenize(rendered);

    /// <exception cref="TemplateException">The template refuses the conversation, or fails on it.</exception>
    public StringValue Render(Conversation conversation, CancellationToken cancellationToken = default)
    {
        // As transformers gives them; a request's own come last.
        var variables = new List<KeyValuePair<string, TemplateValue>>(_tokens)
        {
            KeyValuePair.Create("messages", (TemplateValue)new ListValue([.. conversation.Turns.Select(turn => turn.ToValue(ThoughtKey))])),
            KeyValuePair.Create("tools", (TemplateValue?)conversation.Tools ?? NoneValue.Instance),
            KeyValuePair.Create("documents", (TemplateValue)NoneValue.Instance),
            KeyValuePair.Create("add_generation_prompt", (TemplateValue)BooleanValue.True),
        };
        variables.AddRange((conversation.TemplateArguments?.Entries ?? []).Select(entry => KeyValuePair.Create(((StringValue)entry.Key).Text, entry.Value)));
        return _template.Render(variables, _time, cancellationToken);
    }

    private static bool Looks(string source, string key) =>
        source.Contains($"message.{key}", StringComparison.Ordinal) || source.Contains($"'{key}'", StringComparison.Ordinal) || source.Contains($"\"{key}\"", StringComparison.Ordinal);

    private void AddToken(string name, string? text)
    {
        if (text is not null)
        {
            _tokens.Add(KeyValuePair.Create(name, (TemplateValue)StringValue.FromTemplate(text)));
        }
    }

    [LoggerMessage(3121, LogLevel.Warning, "The model has no chat template: ChatML stands in")]
    private static partial void LogNoTemplate(ILogger logger);

    [LoggerMessage(3123, LogLevel.Warning, "The model's chat template shows it tools, and has it call them in a way that is not known here: its calls are answered as text")]
    private static partial void LogOtherCalls(ILogger logger);

    [LoggerMessage(3122, LogLevel.Warning, "The model has a chat template that cannot be read ({Fault}): ChatML stands in")]
    private static partial void LogUnreadable(ILogger logger, string fault);
}
