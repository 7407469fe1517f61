using AiFactory.Inference.Native;
using AiFactory.Inference.Templates.Values;

namespace AiFactory.Inference.Chat;

/// <summary>
/// From a rendered conversation to tokens. What came with the request is data: the text of a control token inside it (<c>&lt;|im_end|&gt;</c>) is tokenized as plain text, so that nobody ends
/// their turn and begins another's. Only the template's own characters make control tokens.
/// </summary>
internal sealed class PromptTokenizer
{
    private readonly LlamaModel _model;
    private readonly ControlTexts _controls;

    public PromptTokenizer(LlamaModel model)
    {
        _model = model;
        _controls = new ControlTexts(model.GetControlTexts());
    }

    /// <summary>
    /// 1. The control tokens that the template wrote, longest first. 2. When the request wrote none, all is tokenized in one piece, as the model was trained. 3. Else the text between the
    /// template's control tokens is tokenized as plain text.
    /// </summary>
    public int[] Tokenize(StringValue prompt)
    {
        var text = prompt.Text;

        // A template that writes the token that begins a text itself shall not get a second one.
        var addSpecial = !(_model.BeginText is { Length: > 0 } begin && text.StartsWith(begin, StringComparison.Ordinal) && !prompt.HasData(new TextRange(0, begin.Length)));
        var controls = _controls.Find(prompt);
        if (!_controls.HasForged(prompt, controls))
        {
            return _model.Tokenize(text, addSpecial, parseSpecial: true);
        }

        var tokens = new List<int>();
        var position = 0;
        foreach (var control in controls)
        {
            AddPlain(position, control.Start);
            tokens.AddRange(_model.Tokenize(text.Substring(control.Start, control.Length), addSpecial && control.Start == 0, parseSpecial: true));
            position = control.End;
        }

        AddPlain(position, text.Length);
        return [.. tokens];

        void AddPlain(int start, int end)
        {
            if (start < end)
            {
                tokens.AddRange(_model.Tokenize(text[start..end], addSpecial && start == 0, parseSpecial: false));
            }
        }
    }
}
