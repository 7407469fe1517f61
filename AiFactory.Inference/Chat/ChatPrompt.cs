using System.Globalization;
using System.Text;
using AiFactory.Inference.Native;

namespace AiFactory.Inference.Chat;

/// <summary>Turns a conversation into the model's tokens, by the model's own template.</summary>
internal sealed partial class ChatPrompt
{
    private const string ChatMl = "chatml";

    private readonly LlamaModel _model;
    private readonly string _template;
    private readonly string[] _controls;

    private ChatPrompt(LlamaModel model, string template)
    {
        _model = model;
        _template = template;
        _controls = [.. model.GetControlTexts()];
    }

    /// <summary>llama.cpp recognises the templates of the well-known families; ChatML, the most common, stands in for one that it does not know, or that is absent.</summary>
    public static ChatPrompt For(LlamaModel model, ILogger logger)
    {
        var template = model.ChatTemplate;
        if (template is not null && LlamaModel.RenderChat(template, [("user", "x")]) is not null)
        {
            return new ChatPrompt(model, template);
        }

        LogStandIn(logger, template is null ? "has no chat template" : "has a chat template that llama.cpp does not recognise");
        return new ChatPrompt(model, ChatMl);
    }

    /// <summary>
    /// Messages are data: the text of a control token inside one (<c>&lt;|im_end|&gt;</c>) is tokenized as plain text, so that nobody ends their turn and begins another's.
    /// Such a conversation is rendered with marks in place of the contents, and template and contents are tokenized apart. All others are tokenized in one piece, as the model was trained.
    /// </summary>
    public int[] Tokenize(IReadOnlyList<(string Role, string Content)> messages)
    {
        if (!messages.Any(message => HasControl(message.Content) || HasControl(message.Role)))
        {
            return _model.Tokenize(Render(messages), addSpecial: true, parseSpecial: true);
        }

        var rendered = Render([.. messages.Select((message, index) => (message.Role, Mark(index)))]);
        var tokens = new List<int>();
        var position = 0;
        for (var i = 0; i < messages.Count; i++)
        {
            var mark = Mark(i);
            var start = rendered.IndexOf(mark, position, StringComparison.Ordinal);
            if (start < 0)
            {
                continue;
            }

            tokens.AddRange(_model.Tokenize(rendered[position..start], addSpecial: position == 0, parseSpecial: true));
            tokens.AddRange(_model.Tokenize(messages[i].Content, addSpecial: false, parseSpecial: false));
            position = start + mark.Length;
        }

        tokens.AddRange(_model.Tokenize(rendered[position..], addSpecial: position == 0, parseSpecial: true));
        return [.. tokens];
    }

    private string Render(IReadOnlyList<(string Role, string Content)> messages) =>
        LlamaModel.RenderChat(_template, messages) ?? throw new LlamaException("The chat template cannot be applied.");

    private bool HasControl(string text) => _controls.Any(control => text.Contains(control, StringComparison.Ordinal));

    /// <summary>Private-use characters, which no template handles in a way of its own.</summary>
    private static string Mark(int index) =>
        new StringBuilder().Append('\uE000').Append(index.ToString(CultureInfo.InvariantCulture)).Append('\uE001').ToString();

    [LoggerMessage(3121, LogLevel.Warning, "The model {What}: ChatML stands in")]
    private static partial void LogStandIn(ILogger logger, string what);
}
